import json
from typing import Any

import pytest

from handeye.agents.core.conversation import Reply, Usage
from handeye.agents.planners.program_writers import DRAFT_SCHEMA, ModelWriter, TemplateWriter
from handeye.agents.planners.skill_library import Skill
from tests.agents.builders import PLANNER_TOOLS, ToldModel

FIELDS = {
    "name": "put_in", "description": "put a thing into another", "parameters": ["a", "b"],
    "source": ["pick(a)", "place_in(b)"], "expects": "the {a} is in the {b}",
    "arguments": ["star", "cup"],
}  # fmt: skip


def written(text: str, *known: Skill) -> Any:
    return ModelWriter(ToldModel(Reply(text))).write("put the star in the cup", (), known, ())


def test_a_models_skill_is_read_from_json() -> None:
    draft = written(json.dumps(FIELDS))
    assert draft is not None
    assert draft.skill == Skill(
        "put_in", "put a thing into another", ("a", "b"), ("pick(a)", "place_in(b)"),
        "the {a} is in the {b}", "told",
    )  # fmt: skip
    assert draft.arguments == {"a": "star", "b": "cup"}
    assert draft.problem == ""
    assert set(DRAFT_SCHEMA["required"]) == set(FIELDS)


def test_a_known_skill_is_called_by_leaving_its_source_out() -> None:
    known = Skill("put_in", "put", ("item", "container"), ("pick(item)", "place_in(container)"))
    draft = written(json.dumps({**FIELDS, "source": []}), known)
    assert draft.skill is known
    assert draft.arguments == {"item": "star", "container": "cup"}
    unknown = written(json.dumps({**FIELDS, "name": "fly", "source": []}), known)
    assert (
        unknown.skill.mistake(())
        == "each parameter has a name of its own, and the program has lines"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("[1]", "no JSON object"),
        ("I would rather not.", "no JSON object"),
        (json.dumps({**FIELDS, "arguments": ["star"]}), "takes 2 arguments"),
        (json.dumps({**FIELDS, "source": "pick(a)"}), "are lists"),
    ],
)
def test_what_is_wrong_with_a_reply_is_told(text: str, problem: str) -> None:
    assert problem in written(text).problem


def test_tokens_are_counted() -> None:
    writer = ModelWriter(ToldModel(Reply("{}", usage=Usage(5, 2)), Reply("{}", usage=Usage(6, 3))))
    for _ in range(2):
        writer.write("x", (), (), ())
    assert writer.usage == Usage(11, 5)


@pytest.mark.parametrize(
    ("instruction", "name", "expects"),
    [
        ("put the star in the cup", "do_pick_then_place_in", "the {target} is in the {container}"),
        ("stack the star on the drum", "do_pick_then_place_on", "the {target} is on the {base}"),
        ("set the star left of the cup", "do_pick_then_place_beside", ""),
        ("push the star to the zone", "do_push_to", "the {target} is in the {goal}"),
        ("press the button", "do_press", ""),
        ("open the drawer", "do_open_drawer", "the {drawer} is open"),
    ],
)
def test_templates_know_what_to_expect(instruction: str, name: str, expects: str) -> None:
    draft = TemplateWriter().write(instruction, PLANNER_TOOLS, (), ())
    assert draft is not None
    assert (draft.skill.name, draft.skill.expects) == (name, expects)
    assert draft.skill.mistake(("pick", "press", "place_in")) == ""


def test_a_failed_template_tries_each_call_twice() -> None:
    draft = TemplateWriter().write("put the star in the cup", (), (), ("it was lost",))
    assert draft is not None
    assert draft.skill.name == "do_pick_then_place_in_retrying"
    assert draft.skill.source == (
        "result = pick(target)", "if not result['ok']:", "    pick(target)",
        "result = place_in(container)", "if not result['ok']:", "    place_in(container)",
    )  # fmt: skip
    assert draft.skill.mistake(()) == ""


def test_a_template_that_is_known_is_used_again() -> None:
    first = TemplateWriter().write("put the star in the cup", (), (), ())
    assert first is not None
    again = TemplateWriter().write("put the drum in the bowl", (), (first.skill,), ())
    assert again is not None
    assert again.skill is first.skill
    assert again.arguments == {"target": "drum", "container": "bowl"}
    anew = TemplateWriter().write("put the drum in the bowl", (), (first.skill,), ("no",))
    assert anew is not None
    assert anew.skill.name.endswith("_retrying")


def test_what_no_pattern_fits_is_not_written() -> None:
    assert TemplateWriter().write("sing a song", (), (), ()) is None


def test_a_model_is_told_what_is_known_and_what_failed() -> None:
    model = ToldModel(Reply(json.dumps(FIELDS)))
    known = Skill("press_it", "press a button", ("button",), ("press(button)",))
    ModelWriter(model).write("put the star in the cup", (), (known,), ("line 1: no star",))
    told = "\n".join(message.text for message in model.asked[0])
    assert "Instruction: put the star in the cup" in told
    assert 'A skill that you know: {"name": "press_it"' in told
    assert "A program for it has failed: line 1: no star" in told


def test_fields_that_are_left_out_are_empty() -> None:
    draft = written("{}")
    assert draft.skill == Skill("", "", (), (), "", "told")
    assert draft.arguments == {}
    assert draft.skill.mistake(()).startswith("'' is no name for a skill")
