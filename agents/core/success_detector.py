"""Chooses the question that shows after a skill whether it succeeded."""

from collections.abc import Iterable

from handeye.agents.core.conversation import ToolCall, ToolSpec
from handeye.agents.core.scene_notes import SceneNotes
from handeye.agents.core.tool_traits import ToolTraits

SIDES = {
    "left": "to the left of", "right": "to the right of", "front": "in front of",
    "behind": "behind",
}  # fmt: skip


def success_check(
    call: ToolCall, before: SceneNotes, tools: Iterable[ToolSpec], call_id: str
) -> ToolCall | None:
    """Return the call that shows whether a skill succeeded; None where no tool can.

    Args:
        call: of the skill.
        before: what was known when it was called.
        tools: those that there are.
        call_id: of the call to make.
    """
    known = {spec.name: spec for spec in tools}
    skill = known.get(call.name)
    if skill is None or not set(skill.parameters["required"]) <= set(call.arguments):
        return None
    asked = _check(call, skill.traits, before) if "check" in known else {}
    if asked:
        return ToolCall("check", asked, call_id)
    statement = statement_of(call, skill.traits, before) if "verify" in known else ""
    return ToolCall("verify", {"statement": statement}, call_id) if statement else None


def _check(call: ToolCall, traits: ToolTraits, before: SceneNotes) -> dict[str, str]:
    """Return the arguments of `check`, empty where it knows no such relation."""
    if traits.relation == "held":
        item = before.name_of(str(call.arguments[traits.moved]))
        return {"item": item, "relation": "held"}
    if traits.relation and before.held:
        base = str(call.arguments[traits.names[0]])
        return {"item": before.held, "relation": traits.relation, "base": base}
    return {}


def statement_of(call: ToolCall, traits: ToolTraits, before: SceneNotes) -> str:
    """Return what should be so after the call, in words; "" where nothing of it can be seen."""
    if traits.hand == "full" and not before.held:
        return ""
    told = {name: before.name_of(str(value)) for name, value in call.arguments.items()}
    if "side" in told:
        told["side"] = SIDES.get(told["side"], told["side"])
    return traits.achieves.format(held=before.held, **told)
