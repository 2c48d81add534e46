import pytest

from handeye.perception.instructions.navigation_program import (
    FOLLOWERS,
    NUMBER,
    OPS,
    ProgramStep,
    ProgramVocabulary,
    instruction_words,
    point_of,
    split_numbers,
)

VOCABULARY = ProgramVocabulary(
    kinds=("", "chair", "box"),
    colours=("", "red"),
    rooms=("", "kitchen"),
    ordinals=("", "first", "second"),
)


def test_numbers_become_one_word_and_keep_their_values() -> None:
    words, values = split_numbers(["go", "3.2", "metres", "ahead", "and", "10", "back"])
    assert words == ["go", NUMBER, "metres", "ahead", "and", NUMBER, "back"]
    assert values == [3.2, 10.0]
    assert split_numbers(["3.2.1", "x2", "two"])[1] == []


def test_an_instruction_is_split_without_case_and_punctuation() -> None:
    words, values = instruction_words("Stop at Ada's door, then go 3.5 metres; or 2.")
    assert words == ["stop", "at", "ada", "s", "door", "then", "go", NUMBER, "metres", "or", NUMBER]
    assert values == [3.5, 2.0]
    assert instruction_words("room 3b") == (["room", "3b"], [])
    assert instruction_words(" ,; ") == ([], [])


def test_a_point_adds_up_whatever_the_order() -> None:
    assert point_of(["ahead", "left"], [3.0, 2.0]) == (3.0, 2.0)
    assert point_of(["right", "behind"], [3.0, 2.0]) == (-2.0, -3.0)
    assert point_of([], []) == (0.0, 0.0)


def test_steps_are_places_in_the_lists() -> None:
    step = ProgramStep("pass", "box", "red", side="right")
    assert VOCABULARY.indices(step) == [OPS.index("pass"), 2, 1, 0, 0, 2]
    with pytest.raises(ValueError, match="'sofa' is no kind"):
        VOCABULARY.indices(ProgramStep("thing", "sofa"))


def test_a_list_begins_with_nothing_said() -> None:
    with pytest.raises(ValueError, match="'colour'"):
        ProgramVocabulary(("", "chair"), ("red",), ("",), ("",))
    with pytest.raises(ValueError, match="once"):
        ProgramVocabulary(("", "chair", "chair"), ("",), ("",), ("",))


def test_every_op_says_what_may_follow() -> None:
    assert set(FOLLOWERS) == set(OPS)
    assert all(set(followers) <= set(OPS) for followers in FOLLOWERS.values())
