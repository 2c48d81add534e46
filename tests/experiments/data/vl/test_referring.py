"""Referring expressions fit one thing, both ways; what is nowhere fits none."""

import re

from handeye.experiments.data.vl.examples import BOX
from handeye.experiments.labels.scene_nouns import fitting, read_noun
from tests.experiments.data.vl.shown import said, table_views


def test_words_single_out_the_thing_in_the_box() -> None:
    facts = {(v.frame.episode, v.frame.time): v.facts for v in table_views()}
    read = 0
    for one in said("refer"):
        frame = one.frames[0]
        found = facts.get((frame.episode, frame.time))
        phrase = re.search(r"the .+", one.question if one.about != "words" else one.answer)
        if found is None or phrase is None:
            continue
        noun = read_noun(phrase[0])
        assert noun is not None
        names = [t.name for t, fits in zip(frame.things, fitting(noun, found), strict=True) if fits]
        assert names == list(one.bodies), one
        read += 1
    assert read > 20


def test_boxes_are_those_of_the_frame() -> None:
    for one in said("refer", "dense_caption"):
        boxes = {thing.name: thing.box for thing in one.frames[0].things}
        assert one.boxes == tuple(boxes[name] for name in one.bodies)


def test_each_thing_is_asked_both_ways() -> None:
    ways = {
        about: [e.bodies for e in said("refer") if e.about == about] for about in ("box", "words")
    }
    assert ways["box"] == ways["words"]
    assert all(one.answer == BOX for one in said("refer") if one.about == "box")


def test_what_is_nowhere_has_no_box() -> None:
    absent = [one for one in said("refer") if one.about == "absent"]
    assert absent
    assert not any(one.boxes for one in absent)


def test_a_dense_caption_names_everything_but_handles() -> None:
    for one in said("dense_caption"):
        there = [t.name for t in one.frames[0].things if t.kind != "handle"]
        assert sorted(one.bodies) == sorted(there)
        assert one.answer.count(BOX) == len(there)
