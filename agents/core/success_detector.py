"""Which question to ask of the tools after a skill, to see whether it did what was wanted."""

from collections.abc import Collection

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.scene_notes import SceneNotes

SIDES = {
    "left": "to the left of", "right": "to the right of", "front": "in front of",
    "behind": "behind",
}  # fmt: skip


def success_check(
    call: ToolCall, before: SceneNotes, tools: Collection[str], call_id: str
) -> ToolCall | None:
    """The call that shows whether a skill came off; None where none of the tools can.

    Args:
        call: of the skill.
        before: what was known when it was called.
        tools: names of those that there are.
        call_id: of the call to make.
    """
    asked = _check(call, before) if "check" in tools else {}
    if asked:
        return ToolCall("check", asked, call_id)
    statement = statement_of(call, before) if "verify" in tools else ""
    return ToolCall("verify", {"statement": statement}, call_id) if statement else None


def _check(call: ToolCall, before: SceneNotes) -> dict[str, str]:
    """Arguments of `check`, empty where it knows no such relation."""
    told = {name: str(value) for name, value in call.arguments.items()}
    match call.name:
        case "pick":
            return {"item": before.name_of(told["target"]), "relation": "held"}
        case "place_in" if before.held:
            return {"item": before.held, "relation": "in", "base": told["container"]}
        case "place_on" if before.held:
            return {"item": before.held, "relation": "on", "base": told["base"]}
    return {}


def statement_of(call: ToolCall, before: SceneNotes) -> str:
    """What should be so after the call, in words; "" where nothing can be seen of it."""
    told = {name: before.name_of(str(value)) for name, value in call.arguments.items()}
    match call.name:
        case "pick":
            return f"the {told['target']} is held"
        case "place_in" if before.held:
            return f"the {before.held} is in the {told['container']}"
        case "place_on" if before.held:
            return f"the {before.held} is on the {told['base']}"
        case "place_beside" if before.held:
            return f"the {before.held} is {SIDES[told['side']]} the {told['reference']}"
        case "push_to":
            return f"the {told['target']} is in the {told['goal']}"
        case "open_drawer":
            return f"the {told['drawer']} is open"
        case "close_drawer":
            return f"the {told['drawer']} is closed"
    return ""
