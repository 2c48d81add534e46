import json
from pathlib import Path

import pytest

from handeye.agents.core.conversation import Reply, ToolCall, Usage
from handeye.agents.core.planner import Done, Step
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.planners.program_writers import ModelWriter, TemplateWriter
from handeye.agents.planners.skill_library import Skill, SkillLibrary
from handeye.agents.planners.voyager import DRAFTS, VoyagerPlanner
from tests.agents.builders import PLANNER_TOOLS, ToldModel


def pick(target: str) -> ToolResult:
    """Grasp.

    Args:
        target: words.
    """
    return ToolResult(True, target)


def verify(statement: str) -> ToolResult:
    """Look.

    Args:
        statement: words.
    """
    return ToolResult(True, statement)


SPECS = [Tool.of(pick).spec, Tool.of(verify).spec]
REAL = [spec for spec in PLANNER_TOOLS if spec.name != "check"]
OK, BAD = ToolResult(True, "ran"), ToolResult(False, "line 2: ended: closed on nothing")


def drafted(**changes: object) -> Reply:
    fields = {
        "name": "lift", "description": "lift a thing", "parameters": ["item"],
        "source": ["pick(item)"], "expects": "the {item} is held", "arguments": ["red star"],
        **changes,
    }  # fmt: skip
    return Reply(json.dumps(fields), usage=Usage(50, 20))


def planner_of(folder: Path, *replies: Reply) -> tuple[VoyagerPlanner, ToldModel]:
    model = ToldModel(*replies)
    planner = VoyagerPlanner(ModelWriter(model), SkillLibrary(folder))
    planner.reset("lift the red star", SPECS, 0)
    return planner, model


def go(planner: VoyagerPlanner, *results: ToolResult) -> list[ToolCall | Done]:
    history: list[Step] = []
    made: list[ToolCall | Done] = []
    for result in results:
        made.append(planner.next_call(history))
        assert isinstance(made[-1], ToolCall)
        history.append(Step(made[-1], result))
    return [*made, planner.next_call(history)]


def test_a_program_is_written_run_and_verified(tmp_path: Path) -> None:
    planner, model = planner_of(tmp_path, drafted())
    program, look, claim = go(planner, OK, OK)
    assert program == ToolCall(
        "run_program", {"source": ["item = 'red star'", "pick(item)"]}, "call_1"
    )
    assert look == ToolCall("verify", {"statement": "the red star is held"}, "call_2")
    assert claim == Done("success")
    assert planner.learned is not None
    assert (planner.learned.name, planner.learned.writer) == ("lift", "told")
    assert planner.usage == Usage(50, 20)
    assert "Instruction: lift the red star" in model.asked[0][1].text


def test_failures_return_to_the_writer_and_are_bounded(tmp_path: Path) -> None:
    planner, model = planner_of(tmp_path, Reply("no JSON"), drafted(), drafted(arguments=[]))
    made = go(planner, BAD)
    assert isinstance(made[-1], Done)
    assert made[-1].claim == "failure"
    assert len(model.asked) == DRAFTS
    assert "the reply was no JSON object" in model.asked[1][1].text
    assert "closed on nothing" in model.asked[2][1].text
    assert "takes 1 arguments" in model.asked[3][1].text
    assert planner.learned is None
    not_so, _ = planner_of(tmp_path, drafted(), drafted(name="lift_again"))
    assert [c.name for c in go(not_so, OK, BAD, OK, OK)[:-1] if isinstance(c, ToolCall)] == [
        "run_program", "verify", "run_program", "verify",
    ]  # fmt: skip
    assert not_so.learned is not None
    assert not_so.learned.name == "lift_again"


def test_a_known_skill_is_offered_and_used(tmp_path: Path) -> None:
    known = Skill("lift", "lift a thing", ("item",), ("pick(item)",), writer="told")
    SkillLibrary(tmp_path).admit(known)
    planner, model = planner_of(tmp_path, drafted(source=[]))
    program, claim = go(planner, OK)  # it expects nothing that could be seen
    assert isinstance(program, ToolCall)
    assert program.arguments["source"][-1] == "pick(item)"
    assert claim == Done("success")
    assert planner.learned is None
    assert "A skill that you know" in model.asked[0][1].text


def test_templates_stand_in_and_say_what_they_are(tmp_path: Path) -> None:
    planner = VoyagerPlanner(TemplateWriter(), SkillLibrary(tmp_path))
    assert "no language model" in planner.planner_id
    planner.reset("put the star in the cup", REAL, 0)
    first, look, second = go(planner, OK, BAD)
    assert isinstance(first, ToolCall)
    assert first.arguments["source"] == [
        "target = 'star'", "container = 'cup'", "pick(target)", "place_in(container)",
    ]  # fmt: skip
    assert look == ToolCall("verify", {"statement": "the star is in the cup"}, "call_2")
    assert isinstance(second, ToolCall)
    assert "if not result['ok']:" in second.arguments["source"]
    planner.reset("sing", SPECS, 0)
    assert planner.next_call([]) == Done("cannot", "no program can be written for that")


def test_a_skill_on_trial_is_the_only_one(tmp_path: Path) -> None:
    written = TemplateWriter().write("lift the cup", REAL, (), ())
    assert written is not None
    planner = VoyagerPlanner(TemplateWriter(), SkillLibrary(tmp_path), only=written.skill)
    planner.reset("lift the star", REAL, 0)
    assert go(planner, OK, OK)[-1] == Done("success")
    assert planner.learned is None
    planner.reset("put the star in the cup", REAL, 0)
    other = planner.next_call([])
    assert isinstance(other, Done)
    assert "is not what this needs" in other.answer
    assert written.skill.expects == "the {target} is held"
    with pytest.raises(KeyError):
        written.skill.bound({})
