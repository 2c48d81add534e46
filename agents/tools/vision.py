"""Tools that look and do not act: refer, point, zoom, compare, ask, verify, describe, recall.

They stand beside `look`, `detect`, `locate`, `count` and `check` of `tabletop_tools.py` and name
things in the same way: by words that fit one thing in view, or by a handle that `detect` gave.
"""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from handeye.agents.core.conversation import Image
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import CannotDo, Tool, ToolResult
from handeye.agents.sight.perception import CAMERA, Detection
from handeye.agents.tools.tabletop_context import Found, TabletopContext, nothing_in_view
from handeye.agents.tools.tool_context import tools_over

MOVED_M = 0.03
ZOOM_MARGIN = 0.35  # This share of an object's box is shown around it.
ZOOM_PX = 256
TINT = (255, 60, 200)  # The colour of what is segmented.
CELLS = 3  # Words name one of so many rows and columns of the picture.
ROWS_SAID, COLUMNS_SAID = ("top", "middle", "bottom"), ("left", "middle", "right")


@ToolTraits(harmless=True, names=("words",))
def refer(context: TabletopContext, words: str) -> ToolResult:
    """Find the one thing that words fit best, also by relation: "the block left of the bowl".

    Args:
        words: a noun phrase.
    """
    best = _surest(context, words)
    left, top, right, bottom = best.box
    x, y = (left + right) // 2, (top + bottom) // 2
    said = f"{best.name} at pixel ({x}, {y}), box ({left}, {top}, {right}, {bottom})"
    data = {"point": [x, y], "box": list(best.box), "score": best.score}
    return ToolResult(True, f"{said}, sure to {best.score:.2f}", data=data)


@ToolTraits(harmless=True, names=("words",))
def segment(context: TabletopContext, words: str) -> ToolResult:
    """Show which pixels belong to the thing that words fit best, tinted in the picture.

    Args:
        words: a noun phrase.
    """
    best = _surest(context, words)
    rgb = np.array(context.robot.observation[f"rgb_{CAMERA}"])
    rgb[best.mask] = (rgb[best.mask] // 2 + np.array(TINT, np.uint8) // 2).astype(np.uint8)
    share = float(best.mask.mean())
    rows, columns = np.nonzero(best.mask)
    row = ROWS_SAID[int(rows.mean() * CELLS / best.mask.shape[0])]
    column = COLUMNS_SAID[int(columns.mean() * CELLS / best.mask.shape[1])]
    said = f"{best.name} covers {share:.1%} of the picture, at its {row} {column}"
    return ToolResult(True, said, Image(rgb, f"{best.name} is tinted"), {"share": share})


@ToolTraits(harmless=True, names=("words",))
def zoom(context: TabletopContext, words: str) -> ToolResult:
    """See the thing that words fit best enlarged.

    Args:
        words: a noun phrase.
    """
    best = _surest(context, words)
    rgb = np.asarray(context.robot.observation[f"rgb_{CAMERA}"])
    cut = _around(rgb, best.box)
    large = cv2.resize(cut, (ZOOM_PX, ZOOM_PX), interpolation=cv2.INTER_CUBIC)
    return ToolResult(True, f"{best.name}, enlarged", Image(np.asarray(large), best.name))


@ToolTraits(harmless=True, names=("first", "second"))
def compare(
    context: TabletopContext,
    first: str,
    second: str,
    by: Literal["size", "height", "distance", "colour", "kind"],
) -> ToolResult:
    """Compare two things: which is larger, higher or farther away, or whether they are alike.

    Args:
        first: words that fit one thing, or a handle.
        second: words that fit one thing, or a handle.
        by: what to compare.
    """
    a, b = context.one(first), context.one(second)
    if by in ("colour", "kind"):
        alike = _word(a, by) == _word(b, by)
        said = f"{a.name} and {b.name} have {'the same' if alike else 'another'} {by}"
        return ToolResult(True, said, data={"same": alike})
    values = [_measured(found, by) for found in (a, b)]
    words = {"size": "larger", "height": "higher", "distance": "farther from the robot"}[by]
    more, less = (a, b) if values[0] >= values[1] else (b, a)
    apart = abs(values[0] - values[1])
    said = f"{more.name} is {words} than {less.name} by {apart:.3f} m"
    return ToolResult(True, said, data={"first": values[0], "second": values[1]})


@ToolTraits(harmless=True, in_plans="inquiry")
def describe(context: TabletopContext) -> ToolResult:
    """Say in words what is on the table, and what is in or on what."""
    context.clear_view()
    return ToolResult(True, context.perception.caption(context.robot.observation, CAMERA))


@ToolTraits(harmless=True, in_plans="inquiry")
def ask(context: TabletopContext, question: str) -> ToolResult:
    """Answer a question about what is in view, such as "what colour is the bowl?".

    Args:
        question: in words.
    """
    context.clear_view()
    answer = context.perception.ask(question, context.robot.observation, CAMERA)
    data = {"answer": answer.text, "score": answer.score}
    return ToolResult(True, f"{answer.text}, sure to {answer.score:.2f}", data=data)


@ToolTraits(harmless=True)
def verify(context: TabletopContext, statement: str) -> ToolResult:
    """Look whether a statement is so, such as "the drawer is open". Not ok if it is not.

    Args:
        statement: in words.
    """
    context.clear_view()
    answer = context.perception.ask(statement, context.robot.observation, CAMERA)
    said = {"yes": f"it is so: {statement}", "no": f"it is not so: {statement}"}
    reason = said.get(answer.text, f"cannot tell: {answer.text}")
    data = {"answer": answer.text, "score": answer.score}
    return ToolResult(answer.text == "yes", reason, data=data)


@ToolTraits(harmless=True)
def recall(context: TabletopContext) -> ToolResult:
    """Say what has changed on the table since the last recall, or that this is the first."""
    now = context.find("object")
    before, context.remembered = context.remembered, now
    if before is None:
        return ToolResult(True, f"{len(now)} things are in view; changes will be told from now on")
    changes = changes_between(before, now)
    return ToolResult(True, "; ".join(changes) or "nothing has changed", data={"changes": changes})


def changes_between(before: list[Found], now: list[Found]) -> list[str]:
    """Return what has moved, come or gone, in words; the nearest of one name is the same."""
    left, changes = list(before), []
    for thing in now:
        alike = [old for old in left if old.name == thing.name]
        if not alike:
            changes.append(f"{thing.described} has come into view")
            continue
        was = min(alike, key=lambda old: float(np.linalg.norm(old.place.xy - thing.place.xy)))
        left.remove(was)
        moved = float(np.linalg.norm(was.place.xy - thing.place.xy))
        if moved > MOVED_M or abs(was.place.top_m - thing.place.top_m) > MOVED_M:
            changes.append(f"{was.described} has moved to {thing.described.split(' at ')[-1]}")
    return changes + [f"{gone.described} is not in view any more" for gone in left]


def _surest(context: TabletopContext, words: str) -> Detection:
    context.clear_view()
    seen = context.perception.detect(words, context.robot.observation, CAMERA)
    if not seen:
        raise CannotDo(nothing_in_view(words), "not_seen")
    return max(seen, key=lambda detection: detection.score)


def _around(rgb: NDArray[np.uint8], box: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    """A square of the picture (H, W, 3) around a box, as far as the picture goes."""
    left, top, right, bottom = box
    half = (0.5 + ZOOM_MARGIN) * max(right - left, bottom - top)
    x, y = (left + right) / 2, (top + bottom) / 2
    rows = slice(max(0, int(y - half)), int(y + half) + 1)
    return rgb[rows, max(0, int(x - half)) : int(x + half) + 1]


def _measured(found: Found, by: str) -> float:
    place = found.place
    values = {"size": place.long_m, "height": place.top_m, "distance": float(np.hypot(*place.xy))}
    return values[by]


def _word(found: Found, by: str) -> str:
    """The last word of a name is its kind, the one before its colour."""
    words = ["", *found.name.split()]
    return words[-1] if by == "kind" else words[-2]


VISION_TOOLS = (refer, segment, zoom, compare, describe, ask, verify, recall)


def vision_tools(context: TabletopContext) -> list[Tool]:
    """All of them over one context."""
    return tools_over(VISION_TOOLS, context)
