"""Examples go through JSON unchanged; words and boxes that do not fit are refused."""

import json
from dataclasses import replace

import pytest

from handeye.base.json_reader import JsonError, parse_json
from handeye.experiments.data.vl.examples import BOX, VlExample
from handeye.experiments.data.vl.record_json import VlRecord, from_record, to_record
from tests.experiments.data.vl.shown import said


def test_a_record_comes_back_from_json_as_it_was() -> None:
    examples = list(said())
    text = json.dumps(to_record(examples))
    assert from_record(parse_json(text, VlRecord, "here"), "here") == examples


def test_frames_are_stored_once() -> None:
    examples = list(said("vqa"))
    assert len(to_record(examples)["frames"]) == len({f for one in examples for f in one.frames})


@pytest.mark.parametrize(
    "changed",
    [{"answer": ""}, {"frames": ()}, {"boxes": ()}, {"answer": BOX + BOX}, {"bodies": ("a", "b")}],
)
def test_words_and_boxes_that_do_not_fit_are_refused(changed: dict) -> None:
    one = next(one for one in said("refer") if one.about == "box")
    with pytest.raises(ValueError, match=r"boxes|needs an answer"):
        replace(one, **changed)


def test_a_record_of_a_frame_that_is_not_there_is_refused() -> None:
    data = to_record(list(said("refer")))
    data["examples"][3]["frames"] = [999]
    with pytest.raises(JsonError, match=r"here: examples\[3\].*not there"):
        from_record(data, "here")


def test_a_dialogue_keeps_its_turns() -> None:
    talks = [one for one in said("dialogue") if one.about == "conversation"]
    assert talks
    for one in talks:
        assert isinstance(one, VlExample)
        assert 1 <= len(one.before) <= 3
        assert len({question for question, _ in one.before} | {one.question}) == 1 + len(one.before)
