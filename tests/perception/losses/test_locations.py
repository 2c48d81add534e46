import re

import numpy as np
import pytest
from transformers.models.kosmos2.processing_kosmos2 import (
    clean_text_and_extract_entities_with_bboxes,
    coordinate_to_patch_index,
)

from handeye.perception.losses.locations import LocationTokens, XyXy


def random_boxes(count: int) -> list[XyXy]:
    corners = np.random.default_rng(0).random((count, 2, 2))
    low, high = corners.min(1), corners.max(1)
    return [
        (float(a), float(b), float(c), float(d)) for (a, b), (c, d) in zip(low, high, strict=True)
    ]


def kosmos_form(text: str) -> str:
    """Our text with the words of Kosmos-2's tokenizer."""
    text = text.replace("<p>", "<phrase>").replace("</p>", "</phrase>")
    text = text.replace("<box>", "<object>").replace("</box>", "</object>")
    text = text.replace("<delim>", "</delimiter_of_multi_objects/>")
    return re.sub(r"<loc_(\d+)>", lambda m: f"<patch_index_{int(m[1]):04d}>", text)


@pytest.mark.parametrize("side", [16, 32])
def test_boxes_become_the_cells_of_kosmos(side: int) -> None:
    locations = LocationTokens(side)
    for box in [*random_boxes(200), (0.0, 0.0, 1.0, 1.0), (0.0, 0.0, 0.01, 0.01)]:
        assert locations.encode(box) == coordinate_to_patch_index(box, side)


@pytest.mark.parametrize("side", [16, 32])
def test_texts_are_read_as_kosmos_reads_them(side: int) -> None:
    locations = LocationTokens(side)
    boxes = random_boxes(30)
    for one, two, three in zip(boxes[::3], boxes[1::3], boxes[2::3], strict=True):
        text = (
            f"put {locations.write('the red block', [one])} beside "
            f"{locations.write('two bowls', [two, three])}."
        )
        read = locations.read(text)
        assert read is not None
        clean, entities = clean_text_and_extract_entities_with_bboxes(kosmos_form(text), side)
        assert read.plain == clean == "put the red block beside two bowls."
        for ours, (phrase, span, theirs) in zip(read.entities, entities, strict=True):
            assert (ours.phrase, ours.span) == (phrase, span)
            assert clean[slice(*span)] == phrase
            np.testing.assert_allclose(ours.boxes, theirs, atol=1e-5)


def test_a_box_comes_back_within_a_cell() -> None:
    locations = LocationTokens(16)
    for box in random_boxes(200):
        back = locations.decode(*locations.encode(box))
        assert np.abs(np.subtract(back, box)).max() <= 1 / 16


def test_the_published_form() -> None:
    locations = LocationTokens(16)
    read = locations.read("a <p>red block</p><box><loc_34><loc_51></box>")
    assert read is not None
    assert read.plain == "a red block"
    assert read.entities[0].phrase == "red block"
    assert locations.write("red block", read.entities[0].boxes) == (
        "<p>red block</p><box><loc_34><loc_51></box>"
    )


def test_boxes_may_stand_alone() -> None:
    locations = LocationTokens(4)
    text = locations.write("", [(0.0, 0.0, 0.5, 0.5)])
    assert text == "<box><loc_0><loc_5></box>"
    read = locations.read(f"here: {text}")
    assert read is not None
    assert (read.plain, read.entities[0].phrase) == ("here: ", "")


def test_the_vocabulary_has_every_word_that_is_written() -> None:
    tokens = LocationTokens(16).tokens
    assert len(tokens) == len(set(tokens)) == 5 + 256
    text = LocationTokens(16).write("x", [(0.0, 0.0, 1.0, 1.0), (0.1, 0.1, 0.2, 0.2)])
    assert set(re.findall("<.*?>", text)) <= set(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "<p>red block</p>",
        "<p>red block<box><loc_3><loc_5></box>",
        "red block</p><box><loc_3><loc_5></box>",
        "<box><loc_3></box>",
        "<box><loc_3><loc_5>",
        "<box></box>",
        "<box><loc_3><loc_5><loc_6><loc_7></box>",
        "<box><loc_5><loc_3></box>",
        "<box><loc_3><loc_256></box>",
        "<loc_3>",
        "<p>a <p>b</p><box><loc_3><loc_5></box>",
        "<box><loc_" + "9" * 5000 + "><loc_5></box>",
    ],
)
def test_a_malformed_text_has_no_reading(text: str) -> None:
    assert LocationTokens(16).read(text) is None


@pytest.mark.parametrize(
    "box",
    [
        (0.5, 0.1, 0.5, 0.2),
        (0.3, 0.1, 0.2, 0.2),
        (-0.1, 0, 1, 1),
        (0, 0, 8, 8),
        (0, 0, float("nan"), 1),
    ],
)
def test_boxes_out_of_the_frame_are_refused(box: XyXy) -> None:
    with pytest.raises(ValueError, match="shares of the frame between 0 and 1"):
        LocationTokens(16).encode(box)


def test_phrases_without_boxes_and_with_brackets_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a box"):
        LocationTokens(16).write("block", [])
    with pytest.raises(ValueError, match="without angle brackets"):
        LocationTokens(16).write("a<b", [(0.0, 0.0, 1.0, 1.0)])
    with pytest.raises(ValueError, match="at least one cell"):
        LocationTokens(0)
