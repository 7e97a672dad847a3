"""Looks at a page as a reader sees it, in a real browser.

seen = look(browser, path, width=390, dark=True)
assert seen.errors == [] and not seen.overflow and seen.overlaps == []
"""

from dataclasses import dataclass
from pathlib import Path

SCREENSHOTS = Path(__file__).parents[3] / "build/screenshots"

# Rectangles of every piece of text, line by line, of what is visible: two that share more than a
# sliver are overprinted. Text in a box that scrolls counts only where it shows.
OVERLAPS = """
() => {
  const edges = box => ({top: box.top, bottom: box.bottom});
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const unseen = "title, script, style, details:not([open]) > :not(summary)";
    if (!node.data.trim() || parent.closest(unseen)) continue;
    if (!parent.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
    let clip = {left: 0, right: innerWidth};
    for (let up = parent; up; up = up.parentElement)
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) {
        const box = up.getBoundingClientRect();
        clip = {left: Math.max(clip.left, box.left), right: Math.min(clip.right, box.right)};
      }
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      const left = Math.max(box.left, clip.left), right = Math.min(box.right, clip.right);
      if (right - left > 1 && box.height > 1)
        boxes.push({text: node.data.trim().slice(0, 40), node, left, right, ...edges(box)});
    }
  }
  boxes.sort((a, b) => a.top - b.top);
  const found = [];
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length && boxes[j].top < boxes[i].bottom; j++) {
      const a = boxes[i], b = boxes[j];
      if (a.node === b.node) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - b.top;
      // The line boxes of neighboring lines touch; overprinted ones share a third of their height.
      if (wide > 1 && high > Math.min(a.bottom - a.top, b.bottom - b.top) / 3)
        found.push(`${a.text} / ${b.text}`);
    }
  return found;
}
"""

CHARTS = """
() => [...document.querySelectorAll("figure svg[viewBox]:not(.key)")].map(svg => {
  const marks = "polyline, .cloud, rect.plus, g[class^=s] circle:not(.hit)";
  const drawn = [...svg.querySelectorAll(marks)];
  const boxes = drawn.map(mark => mark.getBoundingClientRect());
  return {
    label: svg.getAttribute("aria-label") || "",
    width: Math.max(0, ...boxes.map(box => box.right)) - Math.min(...boxes.map(box => box.left)),
    height: Math.max(0, ...boxes.map(box => box.bottom)) - Math.min(...boxes.map(box => box.top)),
    painted: drawn.length > 0 && drawn.every(mark => {
      const style = getComputedStyle(mark);
      return style.stroke !== "none" || style.fill !== "none";
    }),
  };
})
"""


@dataclass(frozen=True)
class Chart:
    """A chart as drawn: what it says of itself, and the extent of its marks in pixels."""

    label: str
    width: float
    height: float
    painted: bool


@dataclass(frozen=True)
class Look:
    """What was seen: errors of the console, sideways scrolling, overprinted texts, charts."""

    errors: list[str]
    overflow: bool
    overlaps: list[str]
    charts: list[Chart]
    text: str
    screenshot: Path


def look(browser, path, *, width=1280, dark=False, name=None):
    """Opens a page and keeps a screenshot in ``build/screenshots`` of the repository.

    ``path`` is a file or an address; ``name`` is that of the screenshot (by default the file's).
    """
    address = str(path) if "://" in str(path) else Path(path).resolve().as_uri()
    errors = []
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    try:
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("requestfailed", lambda request: errors.append(f"failed: {request.url}"))
        page.goto(address)
        shot = SCREENSHOTS / f"{name or Path(str(path)).stem}-{width}-{_scheme(dark)}.jpg"
        shot.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=shot, full_page=True, type="jpeg", quality=85)  # twice as fast as PNG
        return Look(
            errors=errors,
            overflow=page.evaluate("document.documentElement.scrollWidth > innerWidth"),
            overlaps=page.evaluate(OVERLAPS),
            charts=[Chart(**chart) for chart in page.evaluate(CHARTS)],
            text=page.inner_text("body"),
            screenshot=shot,
        )
    finally:
        page.close()


def _scheme(dark):
    return "dark" if dark else "light"
