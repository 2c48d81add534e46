from pathlib import Path
from typing import Any

import pytest

from handeye.agents.planners.skill_library import SkillLibrary
from handeye.experiments.config import VoyagerConfig
from handeye.experiments.records.run_folder import read_json_lines
from handeye.experiments.run_voyager import propose, round_text, run, writer_of


@pytest.mark.slow
def test_a_skill_is_learned_admitted_and_not_learned_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = VoyagerConfig(tmp_path / "run", suite="press_button", rounds=1, held_out=2)
    assert run(config) == 0
    [told] = read_json_lines(tmp_path / "run" / "rounds.jsonl")
    assert (told["success"], told["passed"], told["admitted"]) == (True, 2, True)
    assert "no language model" in told["writer"]
    skill = SkillLibrary(tmp_path / "run" / "library").skills["do_press"]
    assert (skill.source, skill.passed, skill.tried) == (("press(button)",), 2, 2)
    more = VoyagerConfig(tmp_path / "run", suite="press_button", rounds=2, resume=True)
    assert run(more) == 0
    again = list(read_json_lines(tmp_path / "run" / "rounds.jsonl"))
    assert again[0] == told
    assert "skill" not in again[1]  # it was known
    assert "admitted" in capsys.readouterr().out


def test_every_kind_is_met_and_what_goes_well_comes_first() -> None:
    tasks = ("a", "b", "c")
    done = [{"task": "a", "success": False}, {"task": "b", "success": True}]
    assert propose(tasks, []) == "a"
    assert propose(tasks, done) == "c"
    assert propose(tasks, [*done, {"task": "c", "success": False}]) == "b"


def test_bad_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="admit_at"):
        run(VoyagerConfig(tmp_path, admit_at=0.0))
    with pytest.raises(ValueError, match="names no language model"):
        run(VoyagerConfig(tmp_path / "x", llm="opennai:x"))


TOLD = {"round": 3, "task": "stack", "instruction": "stack it", "success": True}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "3 stack: 'stack it' solved"),
        ({"success": False}, "3 stack: 'stack it' not solved"),
        (
            {"skill": "do_stack", "passed": 4, "tried": 5, "admitted": True},
            "3 stack: 'stack it' solved; do_stack: 4 of 5, admitted",
        ),
        (
            {"skill": "do_stack", "passed": 1, "tried": 5, "admitted": False},
            "3 stack: 'stack it' solved; do_stack: 1 of 5, not admitted",
        ),
    ],
)
def test_a_round_is_told_in_a_line(changes: dict[str, object], line: str) -> None:
    assert round_text({**TOLD, **changes}) == line


def test_rounds_go_around_and_never_give_a_kind_up() -> None:
    done: list[dict[str, object]] = []
    for _ in range(9):
        done.append({"task": propose(("a", "b", "c"), done), "success": False})
    assert [told["task"] for told in done] == list("abcabcabc")


def test_what_went_well_once_but_not_last_waits_its_turn() -> None:
    done = [
        {"task": "a", "success": False}, {"task": "b", "success": True},
        {"task": "a", "success": False}, {"task": "b", "success": False},
    ]  # fmt: skip
    assert propose(("a", "b"), done) == "a"


def test_templates_write_where_no_model_is_named() -> None:
    assert "no language model" in writer_of("").writer_id


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({"held_out": 0}, "--held_out must be positive"),
        ({"admit_at": 1.01}, "--admit_at in"),
        ({"suite": "tabeltop-core"}, "Did you mean 'tabletop-core'"),
    ],
)
def test_settings_that_explore_nothing_leave_no_folder(
    flags: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=expected):
        run(VoyagerConfig(tmp_path / "run", **flags))
    assert not (tmp_path / "run").exists()
