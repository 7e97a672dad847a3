"""The page in a real browser, served by the real server; one server for all tests."""

import json
import threading
import time
from pathlib import Path

import pytest

from emp_plugins.errors import InputError

SCREENSHOTS = Path(__file__).parents[3] / "build/screenshots"
SAD, ANGRY = "I lost my job and I feel so sad and alone.", "I am furious with my boss."
PASSIVE = "Some nights I wish I could just not wake up."
KIND = "I hear how tired you are of being so angry. What would you want to say to them?"
SAFE = (
    "I am really glad that you told me. That sounds so painful. Are you thinking about suicide? "
    "You can call Samaritans on 116 123, and is there somebody you trust who could be with you?"
)
LEFT = "document.documentElement.scrollWidth > innerWidth"
CURVES = """
() => [...document.querySelectorAll("#emp-mood figure")].map(figure => {
  const lines = [...figure.querySelectorAll("svg:not(.key) polyline")];
  return lines.filter(line => line.getBoundingClientRect().width > 100
                              && getComputedStyle(line).fill === "none").length;
})
"""


@pytest.fixture(scope="module")
def served(chat_recipe, script):
    pytest.importorskip("gradio")
    from emp_plugins.safety import resources
    from emp_tooling.chat.setup import Setup
    from emp_tooling.chat.web.server import bind, server_of
    from emp_tooling.inference import EmpathyInference

    model = script.Model(
        script.whole(), script.whole(KIND), script.whole(SAFE), "Bare words.", pause=0.01
    )
    inference = EmpathyInference(chat_recipe, model=model, user={"diagnosis": "MDD"})
    setup = Setup(inference, "scripted", resources=resources("en-GB"), style="full")
    bound, server = bind("127.0.0.1", 0), server_of(setup)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive() and time.monotonic() < until
        time.sleep(0.05)
    yield f"http://127.0.0.1:{bound.getsockname()[1]}/", model, server
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


class Visitor:
    """A page, what went wrong in it, and where it sent requests."""

    def __init__(self, browser, url, *, width=1280, dark=False):
        self.errors, self.requests = [], []
        scheme = "dark" if dark else "light"
        self.page = browser.new_page(viewport={"width": width, "height": 860}, color_scheme=scheme)
        self.name = f"chat-{width}-{scheme}.png"
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type == "error" else None,
        )
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(url)
        self.page.wait_for_selector("#emp-box textarea")

    def send(self, text):
        self.page.fill("#emp-box textarea", text)
        self.page.press("#emp-box textarea", "Enter")

    def say(self, text, answer):
        """Sends a message and waits until its answer is whole."""
        self.send(text)
        self.page.get_by_text(answer, exact=True).wait_for()
        self.page.wait_for_selector("#emp-buttons button:enabled")

    def shoot(self):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / self.name, full_page=True)

    def elsewhere(self, url):
        ours = (url, "data:", f"blob:{url}")
        return [request for request in self.requests if not request.startswith(ours)]


def test_a_conversation_in_the_browser(browser, served, script):
    url, model, server = served
    model.asked.clear()
    visitor = Visitor(browser, url)
    page = visitor.page
    assert "not a medical device" in page.inner_text(".emp-head")
    assert page.query_selector(".emp-risk") is None

    visitor.say(SAD, script.answer)
    visitor.say(ANGRY, KIND)
    assert page.evaluate(CURVES) == [4, 2]  # four dimensions; polarity and its rolling mean
    assert "Diagnosis: MDD" in page.inner_text("#emp-state")
    assert page.query_selector(".emp-risk") is None

    visitor.send(PASSIVE)
    page.wait_for_selector(".emp-risk")
    assert page.get_by_text(SAFE, exact=True).count() == 0  # the notice is there before the reply
    page.get_by_text(SAFE, exact=True).wait_for()
    assert "116 123" in page.inner_text(".emp-risk")
    assert "risk disclosed, level 2" in page.inner_text("#emp-mood")
    page.wait_for_selector("#emp-buttons button:enabled")

    # The reasoning is folded, and opens.
    concern = page.get_by_text("main concern")
    assert concern.count() == 0 or not concern.first.is_visible()
    page.locator("#emp-chat .thought-group .title").last.click()
    page.get_by_text("main concern").last.wait_for()
    page.locator("#emp-chat .thought-group .title").last.click()

    page.wait_for_timeout(400)
    assert not page.evaluate(LEFT)
    visitor.shoot()

    with page.expect_download() as download:
        page.get_by_text("Save transcript").click()
    rows = [json.loads(line) for line in Path(download.value.path()).read_text().splitlines()]
    assert [row["content"] for row in rows[::2]] == [SAD, ANGRY, PASSIVE]
    assert rows[4]["risk"] == 2

    visitor.say("And now?", "Bare words.")  # malformed: shown, with its fault
    page.get_by_text("not in the shape that was trained").first.wait_for()
    page.get_by_text("Clear", exact=True).click()
    page.get_by_text("The conversation begins with you.").wait_for()
    assert page.query_selector(".emp-risk") is None
    assert visitor.errors == [] and visitor.elsewhere(url) == []
    page.close()


def test_a_phone_in_the_dark_a_reply_stopped_and_nothing_kept(browser, served, script):
    url, model, server = served
    model.asked.clear()
    model.pause = 0.03
    visitor = Visitor(browser, url, width=390, dark=True)
    page = visitor.page
    assert page.locator("#emp-chat [data-testid=bot]").count() == 0  # nobody else's conversation
    visitor.say(SAD, script.answer)
    visitor.send(PASSIVE)
    page.wait_for_selector("#emp-box .stop-button")
    page.locator("#emp-box .stop-button").click()
    page.get_by_text("stopped", exact=True).wait_for()
    assert page.input_value("#emp-box textarea") == PASSIVE
    assert page.locator("#emp-chat [data-testid=user]").count() == 1
    model.pause = 0.005
    visitor.say(PASSIVE, SAFE)
    page.wait_for_timeout(400)
    assert not page.evaluate(LEFT)
    visitor.shoot()
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(20, 24, 27)"
    assert visitor.errors == [] and visitor.elsewhere(url) == []

    sessions = blocks_of(server).state_holder.session_data
    assert len(sessions) >= 1
    page.close()
    until = time.monotonic() + 15
    while sessions and time.monotonic() < until:
        time.sleep(0.05)
    assert not sessions  # both pages are closed


def blocks_of(server):
    """Gradio's blocks behind the served application."""
    mounts = server.config.app._app.router.routes
    return next(route.app for route in mounts if hasattr(route.app, "get_blocks")).get_blocks()


def test_a_port_that_is_taken(served):
    from emp_tooling.chat.web.server import bind

    port = int(served[0].rstrip("/").rpartition(":")[2])
    with pytest.raises(InputError, match="--port 0 for one that is free"):
        bind("127.0.0.1", port)
    with pytest.raises(InputError, match="give another --port"):
        bind("192.0.2.1", 0)  # not an address of this machine


def test_requests_by_another_name_are_refused(served):
    import httpx

    answer = httpx.get(served[0], headers={"host": "rebound.example"}, trust_env=False)
    assert answer.status_code == 403
    page = httpx.get(served[0], trust_env=False)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "cdnjs" not in page.text and "googleapis" not in page.text
