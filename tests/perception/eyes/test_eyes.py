"""Eyes without a simulator: pixels to things, things to numbers, words to things."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from handeye.perception.encoders.text import SPECIALS
from handeye.perception.eyes.config import EyesConfig, eyes_nano
from handeye.perception.eyes.crops import CROP_PX, covers, crops, windows
from handeye.perception.eyes.eyes import Eyes, as_seen
from handeye.perception.eyes.grouping import grouped, without_crumbs
from handeye.perception.eyes.pixels import PixelMaps, likeliest
from handeye.perception.eyes.processor import EyesProcessor
from handeye.perception.eyes.reader import looked_up
from handeye.perception.eyes.things import geometry_of, pairs_of

PX, CELLS = 64, 16
WORDS = (*SPECIALS, "red", "block", "bowl", "in", "the", "is")


TIER_OF = torch.tensor([[0, 1, 2, 0]])  # nothing, block, bowl, padding


def small_config() -> EyesConfig:
    return eyes_nano(
        stem=8, middle=8, deep=8, blocks=1, width=16, heads=2, layers=1, vocabulary=len(WORDS),
        kinds=["block", "bowl"], tiers=[0, 1], colours=["red", "blue"], sizes=["", "small"],
        states=["", "held"], relations=["in", "on", "left"], answers=["yes", "no", "1"],
    )  # fmt: skip


def two_things() -> torch.Tensor:
    """Owners (1, 64, 64): a block of 16 x 16 px inside a bowl of 40 x 40 px."""
    owners = torch.zeros(1, PX, PX, dtype=torch.int64)
    owners[0, 8:48, 4:44] = 2
    owners[0, 20:36, 16:32] = 1
    return owners


def painted_maps(owners: torch.Tensor) -> PixelMaps:
    """Maps that say for sure whose every pixel is: the block of tier 0, the bowl of tier 1."""
    tiers = 20.0 * F.one_hot(owners, 3).permute(0, 3, 1, 2).float()
    centres = torch.full((1, 2, CELLS, CELLS), -9.0)
    votes = torch.zeros(1, 2, CELLS, CELLS)
    y, x = torch.meshgrid(*(torch.arange(CELLS).float(),) * 2, indexing="ij")
    cells = owners[0, 2::4, 2::4]
    for number in range(1, 1 + int(owners.max())):
        rows, columns = torch.nonzero(owners[0] == number, as_tuple=True)
        row = round(float(rows.float().mean()) / 4 - 0.5)
        column = round(float(columns.float().mean()) / 4 - 0.5)
        centres[0, number - 1, row, column] = 9.0
        votes[0, 0] = (column - x).where(cells == number, votes[0, 0])
        votes[0, 1] = (row - y).where(cells == number, votes[0, 1])
    nothing = torch.zeros(1, 8, CELLS, CELLS)
    return PixelMaps(nothing, nothing, tiers, centres, votes, nothing)


def test_pixels_go_to_the_middle_they_vote_for() -> None:
    owners = two_things()
    found = grouped(painted_maps(owners))
    assert len(found.masks) == 2
    by_size = sorted(found.masks, key=lambda mask: int(mask.sum()))
    for number, mask in enumerate(by_size, start=1):
        truth = owners[0] == number
        assert (mask & truth).sum() / (mask | truth).sum() > 0.9
    assert (found.masks.sum(0) <= 1).all()
    assert (found.scores > 0.9).all()


def test_crumbs_are_dropped_and_large_parts_are_kept() -> None:
    mask = torch.zeros(PX, PX, dtype=torch.bool)
    mask[4:20, 4:20] = mask[30:40, 4:20] = True
    crumbs = mask.clone()
    crumbs[60, 60] = crumbs[50:53, 50:53] = True
    assert torch.equal(without_crumbs(crumbs), mask)
    assert not without_crumbs(torch.zeros_like(mask)).any()


def test_a_frame_of_nothing_has_no_things() -> None:
    found = grouped(painted_maps(torch.zeros_like(two_things())))
    assert found.masks.shape == (0, PX, PX)
    model = Eyes(small_config()).eval()
    with torch.no_grad():
        model.pixels.tier_head.bias[:] = torch.tensor([9.0] * 16 + [-9.0] * 48)
    sight = model.look(torch.zeros(1, 7, PX, PX))
    assert len(sight.masks) == 0
    match, answers = model.read(sight, torch.tensor([[2, 3, 4]]))
    assert match.shape == (1, 0)
    assert answers.sum() == pytest.approx(1.0)


def test_numbers_say_where_things_are() -> None:
    owners = two_things()
    cover = covers(owners, 2)
    assert cover[0, 0].sum() * 16 == 16 * 16
    assert cover[0, 1].sum() * 16 == 40 * 40 - 16 * 16
    places = torch.zeros(1, 4, CELLS, CELLS)
    places[:, 3] = 1.0
    places[:, 2] = cover[0, 0]  # the block stands out
    geometry = geometry_of(places, cover)[0]
    assert geometry[0, :2].tolist() == pytest.approx([24 / PX, 28 / PX])
    assert geometry[0, 15] == 1.0
    assert geometry[1, 15] == 0.0
    assert geometry[:, 17].tolist() == pytest.approx([1.0, 1.0])
    pairs = pairs_of(geometry[None])[0]
    assert pairs[0, 1, 9] == pytest.approx(1.0)  # the bowl's box covers all of the block's
    assert pairs[1, 0, 9] < 0.5
    assert torch.allclose(pairs[0, 1, :5], -pairs[1, 0, :5])


def test_things_are_cut_out_at_one_size() -> None:
    owners = two_things()
    cover = covers(owners, 2)
    column, row, side = windows(cover)[0, 0].tolist()
    assert (column, row) == (24.0, 28.0)
    assert 16 <= side <= 24
    frames = torch.rand(1, 7, PX, PX)
    cut = crops(frames, owners, cover, torch.zeros(1, 2))
    assert cut.shape == (1, 2, 4, CROP_PX, CROP_PX)
    assert cut[0, 0, 3].mean() > 0.6
    assert float(cut[0, 0, 2, CROP_PX // 2, CROP_PX // 2]) == pytest.approx(
        float(frames[0, 6, 28, 24])
    )


def test_cut_out_things_of_other_colours_look_alike() -> None:
    owners, shade = two_things(), torch.rand(PX, PX) * 0.5 + 0.5
    cover = covers(owners, 2)
    rest = torch.rand(4, PX, PX)
    cuts = []
    for colour in ((0.9, 0.1, 0.1), (0.1, 0.1, 0.9), (0.9, 0.9, 0.1)):
        tinted = torch.stack([shade * share for share in colour])
        cuts.append(crops(torch.cat([tinted, rest])[None], owners, cover, torch.zeros(1, 2)))
    assert torch.allclose(cuts[0], cuts[1], atol=1e-5)
    assert torch.allclose(cuts[0], cuts[2], atol=1e-5)


def test_kinds_are_told_without_colours() -> None:
    torch.manual_seed(0)
    model = Eyes(small_config()).eval()
    shade, rest = torch.rand(PX, PX) * 0.5 + 0.5, torch.rand(4, PX, PX)
    present = torch.tensor([[True, True, False]])
    kinds, colours = [], []
    for colour in ((0.9, 0.1, 0.1), (0.9, 0.9, 0.1)):
        tinted = torch.stack([shade * share for share in colour])
        frames = torch.cat([tinted, rest])[None]
        things = model.things(model.pixels(frames), frames, two_things(), present)
        kinds.append(things.kinds)
        colours.append(things.colours)
    assert torch.allclose(kinds[0], kinds[1], atol=1e-4)
    assert not torch.allclose(colours[0], colours[1], atol=1e-4)


def test_one_pass_gives_something_for_everything_asked() -> None:
    torch.manual_seed(0)
    model = Eyes(small_config())
    words = torch.tensor([[[2, 3, 4], [2, 5, 0]]])
    present = torch.tensor([[True, True, False]])
    output = model(torch.rand(1, 7, PX, PX), two_things(), present, TIER_OF, words)
    assert output.maps.tiers.shape == (1, 4, PX, PX)
    assert output.things.kinds.shape == (1, 3, 3)
    assert output.things.relations.shape == (1, 3, 3, 3)
    assert output.readings.match.shape == output.readings.other.shape == (1, 2, 3)
    assert output.readings.answers.shape == (1, 2, 3)
    total = sum(part.sum() for part in (*output.maps[2:], *output.things[:4], *output.readings))
    total.backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters() if p.grad is not None)


def test_outlines_are_as_seen_but_owners_as_they_are() -> None:
    owners = two_things()
    tiers = owners.clone()  # block 1 of tier 1, bowl 2 of tier 2
    assert torch.equal(as_seen(owners, TIER_OF, tiers), owners)
    smaller = tiers.where(tiers != 1, 2)  # the block is taken for part of the bowl
    assert not (as_seen(owners, TIER_OF, smaller) == 1).any()
    larger = tiers.clone()
    larger[0, 46:50, 4:44] = 2
    assert (as_seen(owners, TIER_OF, larger)[0, 48:50, 10:40] == 2).all()
    nameless = TIER_OF.clone()
    nameless[0, 1] = 0
    assert ((as_seen(owners, nameless, torch.zeros_like(tiers)) == 1) == (owners == 1)).all()


def test_answers_are_looked_up_in_what_is_meant() -> None:
    torch.manual_seed(0)
    model = Eyes(small_config()).eval()
    present = torch.ones(1, 2, dtype=torch.bool)
    words = torch.tensor([[[2, 3]]])
    things = model(torch.rand(1, 7, PX, PX), two_things(), present, TIER_OF[:, :3], words).things
    match = torch.tensor([[[9.0, -9.0], [9.0, 9.0], [-9.0, -9.0]]])
    found = looked_up(things, match, -match)
    properties = things.properties.shape[-1]
    assert torch.allclose(found[0, 0, :properties], things.properties[0, 0], atol=1e-2)
    counts = found[0, :, properties : properties + 11]
    assert counts.argmax(-1).tolist() == [1, 2, 0]
    related = things.relations.sigmoid()[0, 0, 1]
    assert torch.allclose(found[0, 0, -len(related) :], related, atol=1e-2)


def test_words_read_alike_whatever_padding_stands_beside_them() -> None:
    torch.manual_seed(0)
    model = Eyes(small_config()).eval()
    frames, owners = torch.rand(1, 7, PX, PX), two_things()
    present = torch.ones(1, 2, dtype=torch.bool)
    short = model(frames, owners, present, TIER_OF[:, :3], torch.tensor([[[2, 3]]]))
    padded = torch.tensor([[[2, 3, 0, 0]]])
    more = model(frames, owners, torch.tensor([[True, True, False]]), TIER_OF, padded)
    assert torch.allclose(short.readings.answers, more.readings.answers, atol=1e-4)
    assert torch.allclose(short.readings.match, more.readings.match[..., :2], atol=1e-4)


def test_what_the_reader_is_told_replaces_what_was_seen() -> None:
    torch.manual_seed(0)
    model = Eyes(small_config()).eval()
    present = torch.ones(1, 2, dtype=torch.bool)
    arguments = (torch.rand(1, 7, PX, PX), two_things(), present, TIER_OF[:, :3])
    words = torch.tensor([[[2, 3]]])
    seen = model(*arguments, words)
    told = model(*arguments, words, told=lambda things: things._replace(kinds=things.kinds + 9))
    assert torch.allclose(seen.readings.match, told.readings.match, atol=1e-4)  # softmax
    told = model(*arguments, words, told=lambda things: things._replace(kinds=-9 * things.kinds))
    assert not torch.allclose(seen.readings.match, told.readings.match)
    assert torch.equal(seen.things.kinds, told.things.kinds)


def test_the_processor_scales_places_and_marks_what_is_unknown() -> None:
    processor = EyesProcessor(WORDS)
    rgb = np.full((1, 32, 32, 3), 255, np.uint8)
    points = np.full((1, 32, 32, 3), np.nan)
    points[0, 0, 0] = (0.7, -0.2, 0.05)
    frames = processor.frames(rgb, points, "table")
    assert frames.shape == (1, 7, 32, 32)
    assert frames[0, :, 0, 0].tolist() == pytest.approx([1, 1, 1, 1, -1, 1, 1])
    assert frames[0, 3:, 5, 5].tolist() == [0, 0, 0, 0]
    assert (processor.frames(rgb, None, "room")[0, 3:] == 0).all()
    assert processor.ids(["the red block", ""]).shape == (2, 32)


@pytest.mark.parametrize(
    ("frames", "problem"),
    [
        (np.zeros((1, 30, 32, 3), np.uint8), "multiples of 16"),
        (np.zeros((1, 32, 32, 3), np.float32), "uint8"),
        (np.zeros((32, 32, 3), np.uint8), "uint8 array"),
    ],
)
def test_frames_that_are_none_are_refused(frames: np.ndarray, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        EyesProcessor(WORDS).frames(frames, None, "table")


def test_the_likeliest_channel_is_argmax_also_where_several_are_alike() -> None:
    logits = torch.randint(0, 3, (2, 4, 8, 8), generator=torch.Generator().manual_seed(0)).float()
    assert torch.equal(likeliest(logits), logits.argmax(1))
    assert torch.equal(likeliest(logits[0]), logits[0].argmax(0))
