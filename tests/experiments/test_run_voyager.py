from pathlib import Path

import pytest

from handeye.agents.skill_library import SkillLibrary
from handeye.experiments.run_folder import read_json_lines
from handeye.experiments.run_voyager import VoyagerConfig, propose, run


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
