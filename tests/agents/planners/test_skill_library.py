from dataclasses import replace
from pathlib import Path

import pytest

from handeye.agents.planners.skill_library import SHIPPED, Skill, SkillLibrary

PUT_IN = Skill(
    "put_in",
    "put a thing into a container",
    ("item", "container"),
    ("pick(item)", "place_in(container)"),
    "the {item} is in the {container}",
)
PRESS = Skill("push_button", "press a button down", ("button",), ("press(button)",))


def test_a_skill_is_a_program_with_its_arguments() -> None:
    given = {"item": 'the "red" block', "container": "bowl"}
    assert PUT_IN.bound(given)[:2] == ["item = 'the \"red\" block'", "container = 'bowl'"]
    assert PUT_IN.expected(given) == 'the the "red" block is in the bowl'
    assert PUT_IN.mistake(["pick"]) == ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "Put In"}, "no name for a skill"),
        ({"name": "pick"}, "no name for a skill"),
        ({"parameters": ("pick",)}, "no name for a parameter"),
        ({"parameters": ("a", "a")}, "a name of its own"),
        ({"source": ()}, "has lines"),
        ({"source": ("pass",) * 41}, "at most"),
        ({"source": ("import os",)}, "Import is not allowed"),
        ({"source": ("x = ().__class__",)}, "not allowed"),
    ],
)
def test_what_is_no_skill_is_told(change: dict[str, object], problem: str) -> None:
    assert problem in replace(PUT_IN, **change).mistake(["pick"])  # type: ignore[arg-type]


def test_skills_are_kept_and_found_by_what_they_are_for(tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path / "skills")
    assert library.similar("put it in") == []
    for skill in (PUT_IN, PRESS):
        library.admit(skill)
    library.admit(replace(PRESS, passed=5, tried=5))
    again = SkillLibrary(tmp_path / "skills")
    assert again.skills == {"put_in": PUT_IN, "push_button": replace(PRESS, passed=5, tried=5)}
    assert again.similar("put the star into the cup")[0].name == "put_in"
    assert again.similar("press the red button")[0].name == "push_button"
    assert again.similar("sing") == []
    next((tmp_path / "skills").glob("*.json")).write_text("{}")
    with pytest.raises(ValueError, match="holds no skill"):
        SkillLibrary(tmp_path / "skills")


def test_the_shipped_skills_are_sound_and_say_who_wrote_them() -> None:
    library = SkillLibrary(SHIPPED)
    assert [s.name for s in library.similar("put the star in the cup", 1)] == [
        "do_pick_then_place_in"
    ]
    for skill in library.skills.values():
        assert skill.mistake(()) == ""
        assert skill.writer
        assert skill.passed >= 0.8 * skill.tried > 0


def test_of_no_skills_none_is_similar(tmp_path: Path) -> None:
    assert SkillLibrary(tmp_path / "not there").skills == {}
    assert SkillLibrary(tmp_path / "not there").similar("put it in") == []


def test_at_most_as_many_as_asked_for_are_found(tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path)
    for number in range(5):
        library.admit(replace(PUT_IN, name=f"put_in_{'abcde'[number]}"))
    assert [s.name for s in library.similar("put in", 2)] == ["put_in_a", "put_in_b"]
    assert len(library.similar("put in")) == 3
    assert library.similar("put in", 0) == []


def test_rare_words_weigh_more_than_common_ones(tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path)
    for name, word in (("x", "put"), ("y", "put"), ("z", "stack")):
        library.admit(Skill(name, word, (), ("pass",)))
    assert [skill.name for skill in library.similar("put, stack")] == ["z", "x", "y"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": "a" * 41}, "no name for a skill"),
        ({"name": "1st"}, "no name for a skill"),
        ({"parameters": ("Item",)}, "no name for a parameter"),
        ({"parameters": tuple("abcdefg")}, "at most 6 parameters and 40 lines"),
        ({"source": ("if x",)}, "line 1"),
    ],
)
def test_near_misses_are_told(change: dict[str, object], problem: str) -> None:
    assert problem in replace(PUT_IN, **change).mistake(())  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ["", "[]", '{"entry": []}', '{"entry": {"name": "x"}}'])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(ValueError, match=r"x\.json holds no skill .*; remove it"):
        SkillLibrary(tmp_path)
