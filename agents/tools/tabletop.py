"""The tools of a tabletop: look, find and count things, pick, place, push, press, slide.

Things are named by words ("red block") that fit one thing in view, or by a handle ("#3") that
`detect` gave. Sides are as the user sees them, opposite the robot.
"""

from typing import Literal

import numpy as np

from handeye.agents.core.result_text import hand_holds
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import CannotDo, Tool, Toolbox, ToolGate, ToolResult
from handeye.agents.tools import skills
from handeye.agents.tools.placement import free_spot, handle_of, holder
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.agents.tools.tool_context import tools_over
from handeye.agents.tools.value_maps import FLAT_M, TOWARDS, MapError, best_place, value_map

Side = Literal["left", "right", "front", "behind"]
BESIDE_M = 0.06  # What is put beside an object stands so far from its edge.
DRAWN_OFF_M = 0.008  # The hand went so much farther than the handle of a drawer at its stop.


@ToolTraits(harmless=True)
def look(context: TabletopContext) -> ToolResult:
    """See the table as it is now. The arm moves out of the way first."""
    context.clear_view()
    held = f"The hand holds {context.held}." if context.grip else "The hand is empty."
    return ToolResult(True, held, context.picture(), context.hand)


@ToolTraits(harmless=True, names=("words",), in_plans="inquiry")
def detect(context: TabletopContext, words: str) -> ToolResult:
    """Find everything in view that words fit. Each gets a handle such as #3 for later calls.

    Args:
        words: what to look for, such as "red block", "bowl" or "object" for everything.
    """
    found = context.find(words)
    if not found:
        return ToolResult.failed(f"nothing in view fits {words!r}", "not_seen")
    told = context.numbered(found)
    handles = [thing["handle"] for thing in told.objects]
    return ToolResult(True, told.words, data={"handles": handles, "objects": told.objects})


@ToolTraits(harmless=True, names=("target",))
def locate(context: TabletopContext, target: str) -> ToolResult:
    """Say where one thing is. Fails if the words fit none or several.

    Args:
        target: words that fit one thing, or a handle.
    """
    found = context.one(target)
    place = found.place._asdict()
    words = f"{found.described}, its top {place['top_m']:.3f} m above the table"
    return ToolResult(True, words, data=place)


@ToolTraits(harmless=True, names=("words",), in_plans="inquiry")
def count(context: TabletopContext, words: str) -> ToolResult:
    """Count the things in view that words fit.

    Args:
        words: what to count.
    """
    number = len(context.find(words))
    return ToolResult(True, f"{number} in view fit {words!r}", data={"count": number})


@ToolTraits(harmless=True, names=("item", "base"))
def check(
    context: TabletopContext, item: str, relation: Literal["in", "on", "held"], base: str = ""
) -> ToolResult:
    """Look whether something holds, for instance after a placement. Not ok if it does not.

    What was put there last and is out of sight since, such as in a drawer, counts as there.

    Args:
        item: the thing asked about.
        relation: whether it is in or on the base, or held by the hand.
        base: the container or support; not needed for held.
    """
    if relation == "held":
        holds = context.grip is not None and skills.is_holding(context.robot)
        return ToolResult(holds, hand_holds(context.held if holds else ""))
    if context.placed == (item, relation, base) and any(map(context.out_of_sight, (item, base))):
        return ToolResult(True, f"{item} is {relation} {base} by what the hand did; out of sight")
    a, b = context.one(item), context.one(base)
    below = holder(context, b)
    over = float(np.linalg.norm(a.place.xy - below.xy)) < below.long_m / 2
    high = relation == "in" or a.place.top_m > below.top_m + 0.01
    verdict = "is" if over and high else "is not"
    return ToolResult(over and high, f"{a.name} {verdict} {relation} {b.name}")


@ToolTraits(moves="arm", names=("target",), in_plans="step")
def reach(context: TabletopContext, target: str) -> ToolResult:
    """Bring the gripper to just above a thing without touching it.

    Args:
        target: words that fit one thing, or a handle.
    """
    found = context.one(target)
    return skills.reach(context.robot, found.place).as_result()


@ToolTraits(
    moves="arm", hand="empty", names=("target",), moved="target", in_plans="step",
    achieves="the {target} is held", relation="held",
)  # fmt: skip
def pick(context: TabletopContext, target: str) -> ToolResult:
    """Grasp a thing and lift it. Fails if the hand is full or closes on nothing.

    Args:
        target: words that fit one thing, or a handle.
    """
    found = context.one(target)
    result, grip = skills.pick(context.robot, found.place, context.points())
    context.forget(target)
    if grip:
        context.take(target, grip, found.name)
    elif not skills.is_holding(context.robot):  # a full hand that is refused stays full
        context.leave()
    taken = {"taken": target} if grip else {}
    return result.as_result(**context.hand, **taken)


@ToolTraits(
    moves="arm", hand="full", names=("container",), in_plans="step",
    spoken_of=("in", "into", "inside", "put", "stow", "drop"),
    achieves="the {held} is in the {container}", relation="in",
)  # fmt: skip
def place_in(context: TabletopContext, container: str) -> ToolResult:
    """Put what the hand holds into a container.

    Args:
        container: words that fit one bowl, cup, plate or the like, or a handle.
    """
    spot = free_spot(context, context.one(container))
    return _let_go(
        context, skills.place_in(context.robot, spot, context.in_hand()), "in", container
    )


@ToolTraits(
    moves="arm", hand="full", names=("base",), in_plans="step",
    spoken_of=("on", "onto", "top", "stack", "tower", "atop"),
    achieves="the {held} is on the {base}", relation="on",
)  # fmt: skip
def place_on(context: TabletopContext, base: str) -> ToolResult:
    """Put what the hand holds on top of a thing or a painted zone.

    Args:
        base: words that fit one thing, or a handle.
    """
    found = context.one(base)
    spot = free_spot(context, found) if found.place.top_m < FLAT_M else found.place
    grip = context.in_hand()
    result = skills.place(context.robot, spot.x_m, spot.y_m, spot.top_m, grip)
    return _let_go(context, result, "on", base)


@ToolTraits(
    moves="arm", hand="full", names=("reference",), in_plans="step",
    spoken_of=("left", "right", "front", "behind", "beside", "next"),
    achieves="the {held} is {side} the {reference}",
)  # fmt: skip
def place_beside(context: TabletopContext, reference: str, side: Side) -> ToolResult:
    """Put what the hand holds on the table at a side of a thing, as the user sees it.

    Args:
        reference: words that fit one thing, or a handle.
        side: of the reference; front is towards the user.
    """
    found = context.one(reference)
    away = found.place.long_m / 2 + BESIDE_M
    x, y = found.place.xy + away * np.array(TOWARDS[side])
    return _let_go(context, skills.place(context.robot, float(x), float(y), 0.0, context.in_hand()))


@ToolTraits(moves="arm", hand="full", in_plans="step")
def place_where(context: TabletopContext, where: str) -> ToolResult:
    """Put what the hand holds on the table at the free place that fits an expression best.

    Args:
        where: such as left_of("blue bowl") * away_from("red cup"); there are near, away_from,
            left_of, right_of, in_front_of, behind, over, between (of two), numbers, + - and *.
    """
    grip = context.in_hand()
    others = [found.place for found in context.find("object")]
    try:
        best = best_place(value_map(where, lambda words: context.one(words).place, others))
    except MapError as error:
        raise CannotDo(str(error)) from error
    result = _let_go(context, skills.place(context.robot, best.x_m, best.y_m, 0.0, grip))
    words = f"{result.reason} (x={best.x_m:.2f} y={best.y_m:.2f} m)"
    return ToolResult(result.ok, words, data={**result.data, **best._asdict()})


@ToolTraits(
    moves="arm", hand="empty", names=("target", "goal"), moved="target", in_plans="step",
    spoken_of=("push", "slide", "shove", "nudge", "move", "bring"),
    achieves="the {target} is in the {goal}",
)  # fmt: skip
def push_to(context: TabletopContext, target: str, goal: str) -> ToolResult:
    """Push a thing over the table to where another thing or a painted zone is.

    Args:
        target: words that fit one thing, or a handle.
        goal: words that fit one zone or thing, or a handle.
    """
    a, b = context.one(target), context.one(goal)
    context.forget(target)
    result = skills.push(context.robot, a.place, b.place.x_m, b.place.y_m)
    if result.ok:
        context.placed = target, "on", goal
    return result.as_result()


@ToolTraits(
    moves="arm", hand="empty", names=("button",), in_plans="step",
    spoken_of=("press", "push", "hit", "tap", "touch", "button"),
)  # fmt: skip
def press(context: TabletopContext, button: str) -> ToolResult:
    """Press a button down.

    Args:
        button: words that fit one button, or a handle.
    """
    found = context.one(button)
    return skills.press(context.robot, found.place).as_result()


@ToolTraits(
    moves="arm", hand="empty", names=("drawer",), reveals=True, in_plans="step",
    spoken_of=("open", "pull", "out"), achieves="the {drawer} is open",
)  # fmt: skip
def open_drawer(context: TabletopContext, drawer: str) -> ToolResult:
    """Pull a drawer open by its handle, as far as it goes.

    Args:
        drawer: words that fit one drawer.
    """
    return _slide(context, drawer, outwards=1.0)


@ToolTraits(
    moves="arm", hand="empty", names=("drawer",), in_plans="step",
    spoken_of=("close", "shut", "push", "in"), achieves="the {drawer} is closed",
)  # fmt: skip
def close_drawer(context: TabletopContext, drawer: str) -> ToolResult:
    """Push a drawer shut by its handle, as far as it goes.

    Args:
        drawer: words that fit one drawer.
    """
    return _slide(context, drawer, outwards=-1.0)


@ToolTraits(harmless=True, in_plans="inquiry")
def ask_user(context: TabletopContext, question: str) -> ToolResult:
    """Ask the user back where the instruction leaves open what is meant.

    Args:
        question: in words.
    """
    answer = context.robot.ask(question)
    return ToolResult(True, answer, data={"user": answer})


def _slide(context: TabletopContext, drawer: str, outwards: float) -> ToolResult:
    cabinet = context.one(drawer)
    handle = handle_of(context, cabinet)
    way = handle.place.xy - cabinet.place.xy
    heading = outwards * way / max(float(np.linalg.norm(way)), 1e-6)
    result = skills.slide(context.robot, handle.place, heading)
    if result.cause == "lost":
        # At its stop a drawer stays, and the fingers draw off the handle.
        hand_m = float((context.robot.tcp[:2] - handle.place.xy) @ heading)
        now = handle_of(context, cabinet).place
        drawn_m = float((now.xy - handle.place.xy) @ heading)
        if hand_m - drawn_m > DRAWN_OFF_M:
            return skills.SkillResult(True, f"moved by {100 * drawn_m:.0f} cm").as_result()
    return result.as_result()


def _let_go(
    context: TabletopContext, result: skills.SkillResult, relation: str = "", base: str = ""
) -> ToolResult:
    if not skills.is_holding(context.robot):
        context.leave(relation if result.ok else "", base)
    return result.as_result(**context.hand)


TABLETOP_TOOLS = (
    look, detect, locate, count, check, reach, pick, place_in, place_on, place_beside, place_where,
    push_to, press, open_drawer, close_drawer, ask_user,
)  # fmt: skip


def tabletop_tools(context: TabletopContext) -> list[Tool]:
    """All tools of a tabletop over one context."""
    return tools_over(TABLETOP_TOOLS, context)


def tabletop_toolbox(context: TabletopContext, gate: ToolGate) -> Toolbox:
    """The box of them."""
    return Toolbox(tabletop_tools(context), gate)
