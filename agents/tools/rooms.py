"""The tools of an apartment: look, explore, find and count things, drive to things and rooms.

A thing is named by words ("red chair", "chair in the kitchen") that fit one thing seen so far, or
by a handle ("#3") that an earlier result gave; a room by its kind. What has not been seen yet has
to be explored for first.
"""

from collections.abc import Iterable

from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, Toolbox, ToolGate, ToolResult
from handeye.agents.safety.gate import Perceived
from handeye.agents.sight.rooms_words import Query
from handeye.agents.tools import rooms_skills as skills
from handeye.agents.tools.rooms_context import RoomsContext, nothing_seen
from handeye.agents.tools.rooms_memory import KnownObject
from handeye.agents.tools.tool_context import Listed, tools_over

ALL_EXPLORED = "all that can be reached is explored"
NAMELESS = "nothing that has a name"
ON_WALLS = ("picture", "sign", "window")  # Kinds that are told only to who asks for them.


@ToolTraits(harmless=True)
def look(context: RoomsContext) -> ToolResult:
    """See what is in front of the robot now."""
    skills.get_to_know(context)
    seen = _standing(context, context.in_view)
    return ToolResult(True, _in_view(context, seen), context.picture(), {"objects": seen.objects})


@ToolTraits(moves="base", harmless=True)
def look_around(context: RoomsContext) -> ToolResult:
    """Turn on the spot and tell all that is known of the room that the robot is in."""
    skills.get_to_know(context)
    skills.turn_around(context)
    room = context.room
    there = (t for t in context.memory.things if context.memory.room_of(t) == room)
    seen = _standing(context, there)
    words = f"{_here(context)}. Seen there: {seen.words or NAMELESS}"
    return ToolResult(True, words, context.picture(), {"objects": seen.objects})


@ToolTraits(
    moves="base", harmless=True, names=("words",), acts_on=(), in_plans="inquiry"
)  # fmt: skip
def detect(context: RoomsContext, words: str) -> ToolResult:
    """Tell everything seen so far that words fit. Each has a handle such as #3 for later calls.

    With a room that was seen, the robot goes through that room first, to miss nothing.

    Args:
        words: a thing such as "red chair" or "boxes in the kitchen".
    """
    skills.get_to_know(context)
    query = context.query(words)
    if query.room and context.knows(query.room):
        looked = skills.survey(context, query.room)
        if not looked.ok:
            return looked.as_result()
    found = context.meant(query)
    if not found:
        return ToolResult.failed(nothing_seen(words), "not_seen")
    told = context.memory.listed(found)
    handles = [thing["handle"] for thing in told.objects]
    return ToolResult(True, told.words, data={"handles": handles, "objects": told.objects})


@ToolTraits(moves="base", names=("target",), in_plans="step")
def go_to(context: RoomsContext, target: str) -> ToolResult:
    """Drive to a thing or into a room that has been seen. Fails if it has not been seen yet.

    Args:
        target: words that fit one thing, a handle, or a room.
    """
    skills.get_to_know(context)
    if not target.startswith("#"):
        query = context.query(target)
        if query.is_room:
            return _to_room(context, query.room)
    thing = context.one(target)
    reached = skills.go_to_thing(context, thing)
    return reached.as_result(at=context.memory.listed([thing]).objects[0])


@ToolTraits(moves="base", names=("words",), acts_on=())
def explore(context: RoomsContext, words: str = "") -> ToolResult:
    """Drive on to unknown parts until something is seen. Fails if all is explored without it.

    Args:
        words: a thing or a room to look for; left out, everything is explored.
    """
    skills.get_to_know(context)
    query = context.query(words) if words.strip() else None
    if query is None:
        skills.explore(context, lambda: False)
        data = {"rooms": context.known_rooms()}
        return ToolResult(True, f"{ALL_EXPLORED}. {_rooms(context)}", data=data)
    if not skills.explore(context, lambda: bool(_found(context, query).words)):
        reason = f"{ALL_EXPLORED}; nothing fits {words!r}. {_rooms(context)}"
        return ToolResult.failed(reason, "explored", rooms=context.known_rooms())
    found = _found(context, query)
    return ToolResult(True, f"found {found.words}", data={"objects": found.objects})


@ToolTraits(
    moves="base", harmless=True, names=("words",), acts_on=("where",), in_plans="inquiry"
)  # fmt: skip
def count(context: RoomsContext, words: str, where: str = "") -> ToolResult:
    """Count things. With a room the robot goes through that room first, to miss none.

    Args:
        words: what to count, such as "green boxes".
        where: a room that has been seen; left out, all that was seen so far counts.
    """
    skills.get_to_know(context)
    query = context.query(words)
    room = context.query(where).room if where.strip() else query.room
    if room and not context.knows(room):
        return not_yet_seen(room)
    if room:
        looked = skills.survey(context, room)
        if not looked.ok:
            return looked.as_result()
    number = len(context.memory.fitting(query._replace(room=room)))
    scope = f"in the {room}" if room else "seen so far"
    return ToolResult(True, f"{number} {scope} fit {words!r}", data={"count": number})


@ToolTraits(harmless=True)
def read_sign(context: RoomsContext) -> ToolResult:
    """Read the signs in view. Fails if none is near enough."""
    context.watch()
    said = context.perception.read(context.robot.observation, context.explorer.pose)
    if not said:
        return ToolResult(False, "no sign in view can be read; go nearer, in front of it")
    words = ", ".join(Perceived(text).quoted() for text in said)
    return ToolResult(True, f"the signs in view say, nearest first: {words}", context.picture())


@ToolTraits(moves="base", in_plans="step")
def go_back(context: RoomsContext) -> ToolResult:
    """Drive back to where the robot started."""
    skills.get_to_know(context)
    done = skills.go_to_start(context)
    if not done.ok:
        return done.as_result()
    return ToolResult(True, f"{done.reason}, {_here(context)}")


@ToolTraits(moves="base")
def turn(context: RoomsContext, degrees: float) -> ToolResult:
    """Turn on the spot.

    Args:
        degrees: to the left, negative to the right, at most 360; in steps of 15.
    """
    if not -360 <= degrees <= 360:
        reason = f"{degrees:g} degrees are more than a turn; give -360 to 360"
        return ToolResult.failed(reason, "mistake")
    skills.get_to_know(context)
    done = skills.turn(context, degrees)
    seen = _standing(context, context.in_view)
    words = f"{done.reason}. {_in_view(context, seen)}"
    return ToolResult(done.ok, words, context.picture(), {"objects": seen.objects})


@ToolTraits(harmless=True)
def where_am_i(context: RoomsContext) -> ToolResult:
    """Tell the room that the robot is in, and how far the start is."""
    skills.get_to_know(context)
    return ToolResult(True, f"{_here(context)}, {context.from_start_m:.1f} m from the start")


@ToolTraits(harmless=True)
def visited(context: RoomsContext) -> ToolResult:
    """Tell the rooms that the robot has been in, in their order."""
    skills.get_to_know(context)
    return ToolResult(True, "; ".join(context.visited) or "no room that is known")


@ToolTraits(harmless=True, in_plans="inquiry")
def ask_user(context: RoomsContext, question: str) -> ToolResult:
    """Ask the user what is meant, where the instruction leaves it open.

    Args:
        question: in words.
    """
    if not question.strip():
        return ToolResult(False, "the question is empty; say what is unclear")
    answer = context.robot.ask(question)
    return ToolResult(True, f"the user says: {answer}", data={"user": answer})


ROOMS_TOOLS = (
    look, look_around, detect, go_to, explore, count, read_sign, go_back, turn, where_am_i, visited,
    ask_user,
)  # fmt: skip


def rooms_tools(context: RoomsContext) -> list[Tool]:
    """All tools of an apartment over one context."""
    return tools_over(ROOMS_TOOLS, context)


def rooms_toolbox(context: RoomsContext, gate: ToolGate) -> Toolbox:
    """The box of them."""
    return Toolbox(rooms_tools(context), gate)


def _to_room(context: RoomsContext, room: str) -> ToolResult:
    if not context.knows(room):
        return not_yet_seen(room)
    return skills.go_into_room(context, room).as_result()


def _found(context: RoomsContext, query: Query) -> Listed:
    """Return what fits a query, without words if nothing does."""
    if query.is_room:
        return Listed(f"the {query.room}" if context.knows(query.room) else "", [])
    return context.memory.listed(context.meant(query))


def not_yet_seen(room: str) -> ToolResult:
    """Return the failure of a call for a room that was not seen yet."""
    return ToolResult.failed(f"the {room} has not been seen yet; explore to find it", "not_seen")


def _here(context: RoomsContext) -> str:
    return f"in the {context.room}" if context.room else "in no room that is known"


def _in_view(context: RoomsContext, seen: Listed) -> str:
    return f"{_here(context)}. In view: {seen.words or NAMELESS}"


def _standing(context: RoomsContext, things: Iterable[KnownObject]) -> Listed:
    """List the objects that do not hang on a wall."""
    return context.memory.listed([t for t in things if context.memory.kind_of(t) not in ON_WALLS])


def _rooms(context: RoomsContext) -> str:
    return f"Rooms seen: {', '.join(context.known_rooms()) or 'none'}"
