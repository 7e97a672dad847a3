"""The page: Gradio's components, and which event changes which.

Gradio looks for its Request among a handler's annotations, so they are not postponed here.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from emp_tooling.chat import transcript
from emp_tooling.chat.setup import Setup
from emp_tooling.chat.web import panels
from emp_tooling.chat.web.talk import Shown, Talk

DOWNLOAD = """
(text) => {
  if (!text) return "";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], {type: "application/jsonl"}));
  link.download = "chat.jsonl";
  link.click();
  URL.revokeObjectURL(link.href);
  return "";
}
"""
"""Saves on the reader's side, so that no file is made on the server."""

PLACEHOLDER = "What is on your mind?"


def build(setup: Setup) -> Any:
    """Builds the page.

    Args:
        setup: The model and how it talks.

    Returns:
        A ``gradio.Blocks``; nothing is served yet.
    """
    import gradio as gr

    talk = Talk(setup)
    first = talk.begin()
    with gr.Blocks(title="emp chat", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(panels.head(setup.name))
        held = gr.State(first.held)
        with gr.Row(elem_id="emp-columns"):
            with gr.Column(scale=7, min_width=320, elem_id="emp-main"):
                chat = gr.Chatbot(
                    first.bubbles,
                    elem_id="emp-chat",
                    show_label=False,
                    height="56vh",
                    render_markdown=False,  # a reply could otherwise load pictures from elsewhere
                    buttons=[],
                    placeholder="The conversation begins with you.",
                )
                risk = gr.HTML(panels.risk(first.level, setup.resources), elem_id="emp-risk")
                note = gr.HTML(elem_id="emp-note")
                box = gr.Textbox(
                    first.text,
                    elem_id="emp-box",
                    placeholder=PLACEHOLDER,
                    show_label=False,
                    label="Your message",
                    max_lines=6,
                    autofocus=True,
                    submit_btn=True,
                )
                with gr.Row(elem_id="emp-buttons"):
                    names = ("Retry", "Undo", "Clear", "Save transcript")
                    retry, undo, clear, save = (
                        gr.Button(name, size="sm", variant="secondary", min_width=80)
                        for name in names
                    )
            with gr.Column(scale=4, min_width=300, elem_id="emp-side"):
                mood = gr.HTML(panels.mood(first.points), elem_id="emp-mood")
                state = gr.HTML(panels.state(first.state, setup.style), elem_id="emp-state")
        saved = gr.Textbox(visible="hidden", elem_id="emp-saved")

        def show(shown: Shown) -> list[Any]:
            return [
                shown.held,
                shown.bubbles,
                panels.risk(shown.level, setup.resources),
                panels.note(shown.note),
                gr.update(value=shown.text, submit_btn=not shown.busy, stop_btn=shown.busy),
                panels.mood(shown.points),
                panels.state(shown.state, setup.style),
                *(gr.update(interactive=not shown.busy) for _ in range(4)),
            ]

        def say(text: str, known: Any, request: gr.Request) -> Iterator[list[Any]]:
            yield from map(show, talk.say(text, known, _session(request)))

        def again(known: Any, request: gr.Request) -> Iterator[list[Any]]:
            yield from map(show, talk.retry(known, _session(request)))

        def stop(request: gr.Request) -> None:
            talk.stop(_session(request))

        def forget(request: gr.Request) -> None:
            session = _session(request)
            talk.forget(session)
            page.state_holder.session_data.pop(session, None)

        everything = [held, chat, risk, note, box, mood, state, retry, undo, clear, save]
        model = {
            "outputs": everything,
            "show_progress": "hidden",
            "concurrency_id": "model",
            "concurrency_limit": 1,
            "api_visibility": "private",
        }
        quick = {"show_progress": "hidden", "queue": False, "api_visibility": "private"}
        box.submit(say, [box, held], **model)
        retry.click(again, [held], **model)
        undo.click(lambda known: show(talk.undo(known)), [held], everything, **quick)
        clear.click(lambda: show(talk.clear()), None, everything, **quick)
        chat.clear(lambda: show(talk.clear()), None, everything, **quick)
        box.stop(stop, None, None, **quick)
        save.click(
            lambda known: transcript.to_text(known.conversation), [held], [saved], **quick
        ).then(None, [saved], [saved], js=DOWNLOAD)
        page.unload(forget)
    page.queue(default_concurrency_limit=1)
    return page


def theme() -> Any:
    """Calm colors and the reader's own fonts; nothing is loaded from elsewhere."""
    import gradio as gr

    sans = [gr.themes.Font(name) for name in ("system-ui", "-apple-system", "sans-serif")]
    mono = [gr.themes.Font(name) for name in ("ui-monospace", "Menlo", "monospace")]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_md,
        font=sans,
        font_mono=mono,
    )


def style() -> str:
    """The style sheet."""
    return (files(__package__) / "style.css").read_text(encoding="utf-8")


def _session(request: Any) -> str:
    return str(request.session_hash)
