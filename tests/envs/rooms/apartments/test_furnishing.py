"""Drawn apartments: what stands where, what stays free, and what training never sees."""

import functools
import json
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments import furnishing
from handeye.envs.rooms.apartments.apartment import PIECES, Apartment, Furniture
from handeye.envs.rooms.apartments.contents import CONTENTS, COUNTABLE, FREE_STANDING
from handeye.envs.rooms.apartments.decoration import door_signs
from handeye.envs.rooms.apartments.floor import WALL_M, Door, Edge, Rect, Room, door_gap
from handeye.envs.rooms.apartments.furnishing import DENSE_PIECES_PER_M2, draw_apartment, furnish
from handeye.envs.rooms.apartments.sample_floor_plan import draw_floor_plan
from handeye.envs.rooms.apartments.splits import (
    APARTMENT_SPLITS,
    HELD_OUT_FURNITURE,
    allowed_colours,
    layout_digest,
    split_of,
)
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES

SIZES = range(3, 9)
SEEDS = range(20)
CELL_M, REACH_M, NEAR_M = 0.05, 0.25, 0.9


@functools.cache
def drawn(rooms: int, split: str = "train") -> tuple[Apartment, ...]:
    """One apartment a seed; `Apartment` itself refuses what does not fit together."""
    return tuple(
        draw_apartment(np.random.default_rng(seed), split=split, rooms=rooms) for seed in SEEDS
    )


def in_room(apartment: Apartment, room: int) -> list[Furniture]:
    return [piece for piece in apartment.furniture if piece.room == room]


class Floor:
    """The whole floor of an apartment as a grid, with the cells where a robot can be."""

    def __init__(self, apartment: Apartment) -> None:
        bounds = apartment.bounds
        self.x = np.arange(bounds.x0 + CELL_M / 2, bounds.x1, CELL_M)
        self.y = np.arange(bounds.y0 + CELL_M / 2, bounds.y1, CELL_M)
        free = np.ones((len(self.y), len(self.x)), bool)
        for rect in (*apartment.walls(), *(p.footprint for p in apartment.furniture)):
            columns, rows = self.around(rect, REACH_M)
            near = self.distance(rect, columns, rows) < REACH_M - 1e-6
            free[rows, columns] &= ~near
        self.labels, _ = ndimage.label(free)

    def around(self, rect: Rect, by_m: float) -> tuple[slice, slice]:
        grown = rect.grown(by_m)
        columns = slice(*np.searchsorted(self.x, (grown.x0, grown.x1)))
        return columns, slice(*np.searchsorted(self.y, (grown.y0, grown.y1)))

    def distance(self, rect: Rect, columns: slice, rows: slice) -> NDArray[np.float64]:
        x, y = np.meshgrid(self.x[columns], self.y[rows])
        nearest_x, nearest_y = np.clip(x, rect.x0, rect.x1), np.clip(y, rect.y0, rect.y1)
        return np.hypot(x - nearest_x, y - nearest_y)

    def at(self, x: float, y: float) -> int:
        """Label of a cell whose middle is at most half a cell away."""
        return int(self.labels[np.abs(self.y - y).argmin(), np.abs(self.x - x).argmin()])

    def nearest(self, room: Rect) -> int:
        """Label of the free cell of a room nearest to its middle."""
        columns, rows = self.around(room, 0.0)
        x, y = np.meshgrid(self.x[columns], self.y[rows])
        away = np.hypot(x - room.centre[0], y - room.centre[1])
        labels = self.labels[rows, columns]
        return int(labels.flat[np.where(labels > 0, away, np.inf).argmin()])

    def near(self, piece: Furniture, room: Rect) -> set[int]:
        """Labels of the free cells of its room within reach of a piece."""
        columns, rows = self.around(piece.footprint, NEAR_M)
        x, y = np.meshgrid(self.x[columns], self.y[rows])
        inside = (x > room.x0) & (x < room.x1) & (y > room.y0) & (y < room.y1)
        close = self.distance(piece.footprint, columns, rows) <= NEAR_M
        return set(self.labels[rows, columns][inside & close].tolist()) - {0}


@pytest.mark.slow
@pytest.mark.parametrize("rooms", SIZES)
def test_the_robot_gets_everywhere(rooms: int) -> None:
    for apartment in drawn(rooms):
        floor = Floor(apartment)
        main = floor.nearest(apartment.rooms[0].floor)
        assert main > 0
        assert {floor.nearest(room.floor) for room in apartment.rooms} == {main}
        for door in apartment.doors:
            x, y = door.centre_m
            gap = door_gap(apartment.rooms, door)
            for step in (-0.7, 0.0, 0.7):
                spot = (x + step, y) if gap.axis == 0 else (x, y + step)
                assert floor.at(*spot) == main
        for piece in apartment.furniture:
            assert main in floor.near(piece, apartment.rooms[piece.room].floor), piece


def approaches(gap: Edge) -> Rect:
    low, high = gap.low_m - 0.1, gap.high_m + 0.1
    near, far = gap.at_m - 1.0, gap.at_m + 1.0
    return Rect(near, low, far, high) if gap.axis == 0 else Rect(low, near, high, far)


@pytest.mark.slow
@pytest.mark.parametrize("rooms", SIZES)
def test_doors_are_clear_on_both_sides(rooms: int) -> None:
    for apartment in drawn(rooms):
        for door in apartment.doors:
            zone = approaches(door_gap(apartment.rooms, door))
            blocking = [
                piece.name
                for piece in apartment.furniture
                if piece.room in door.rooms and piece.footprint.overlaps(zone)
            ]
            assert not blocking


@pytest.mark.parametrize("rooms", SIZES)
def test_large_pieces_have_a_wall_at_their_back(rooms: int) -> None:
    for apartment in drawn(rooms):
        for piece in apartment.furniture:
            if piece.kind in FREE_STANDING:
                continue
            floor, foot = apartment.rooms[piece.room].floor, piece.footprint
            backs = (foot.x0 - floor.x0, foot.y0 - floor.y0, floor.x1 - foot.x1, floor.y1 - foot.y1)
            assert WALL_M / 2 < backs[piece.quarter_turns] < WALL_M / 2 + 0.05, piece


def test_pieces_stand_apart() -> None:
    for apartment in drawn(8):
        for room in range(8):
            feet = [piece.footprint for piece in in_room(apartment, room)]
            for i, foot in enumerate(feet):
                assert not any(foot.grown(0.045).overlaps(other) for other in feet[:i])


def test_rooms_hold_what_they_are_named_for() -> None:
    present: Counter[bool] = Counter()
    for apartment in drawn(6):
        for index, room in enumerate(apartment.rooms):
            have = Counter(piece.kind for piece in in_room(apartment, index))
            usual, more, _ = CONTENTS[room.kind]
            assert set(have) <= {*usual, *more}
            present.update(have[kind] > 0 for kind in set(usual))
    assert present[True] > 0.95 * present.total()


def test_chairs_often_face_a_table() -> None:
    facing = []
    for apartment in drawn(8):
        for chair in (p for p in apartment.furniture if p.kind == "chair"):
            x, y = chair.centre_m
            ahead = ((0.5, 0), (0, 0.5), (-0.5, 0), (0, -0.5))[chair.quarter_turns]
            tables = [p for p in in_room(apartment, chair.room) if p.kind in ("table", "desk")]
            if tables:
                spot = x + ahead[0], y + ahead[1]
                facing.append(any(table.footprint.contains(*spot) for table in tables))
    assert np.mean(facing) > 0.6


def test_sizes_are_as_announced() -> None:
    small = [len(apartment.furniture) for apartment in drawn(3)]
    large = [len(apartment.furniture) for apartment in drawn(8)]
    assert 15 <= np.median(small) <= 27
    assert 50 <= np.median(large) <= 80
    assert min(small) >= 12


@pytest.mark.slow
def test_the_dense_setting_fills_eight_rooms() -> None:
    dense = [
        draw_apartment(
            np.random.default_rng(seed), rooms=8, pieces_per_m2=DENSE_PIECES_PER_M2
        ).furniture
        for seed in range(8)
    ]
    counts = [len(furniture) for furniture in dense]
    assert max(counts) >= 160
    assert np.median(counts) >= 150


def test_a_seed_is_an_apartment() -> None:
    again = [draw_apartment(np.random.default_rng(seed), rooms=5) for seed in range(5)]
    assert again == list(drawn(5)[:5])
    assert len({layout_digest(a.rooms, a.doors) for a in drawn(5)}) == len(SEEDS)


def test_words_decide() -> None:
    repeated, shared = [], []
    for apartment in drawn(6):
        kinds = Counter(piece.kind for piece in apartment.furniture)
        looks = {(piece.kind, piece.colour) for piece in apartment.furniture}
        several = [kind for kind, count in kinds.items() if count > 1]
        repeated.append(len(several))
        shared.append(max(Counter(colour for _, colour in looks).values()))
        for kind in several:
            if kind not in COUNTABLE:
                assert len({colour for k, colour in looks if k == kind}) > 1
    assert np.mean(repeated) >= 6
    assert min(shared) >= 3  # kinds of one colour


def test_only_countable_things_repeat_in_a_room() -> None:
    groups: Counter[int] = Counter()
    for apartment in (*drawn(4), *drawn(8)):
        looks = Counter((piece.room, piece.kind, piece.colour) for piece in apartment.furniture)
        for (_, kind, _), count in looks.items():
            assert count == 1 or kind in COUNTABLE
            if kind in COUNTABLE:
                groups[count] += 1
    assert groups[1] > 25
    assert groups[2] > 25
    assert groups.total() - groups[1] - groups[2] > 5


def pairs(apartment: Apartment) -> set[tuple[str, str]]:
    hung = {(piece.kind, piece.colour) for piece in apartment.wall_pieces}
    return hung | {(piece.kind, piece.colour) for piece in apartment.furniture}


def test_one_colour_of_each_kind_is_held_out() -> None:
    assert sorted(kind for kind, _ in HELD_OUT_FURNITURE) == sorted({*PIECES, *WALL_PIECES})
    for kind in (*PIECES, *WALL_PIECES):
        assert len(allowed_colours(kind, "train")) == len(COLOURS) - 1
        assert allowed_colours(kind, "unseen") == tuple(COLOURS)


@pytest.mark.slow
def test_training_never_sees_a_held_out_pair_and_the_other_split_does() -> None:
    for rooms in SIZES:
        for apartment in drawn(rooms):
            assert not pairs(apartment) & HELD_OUT_FURNITURE
    unseen = set().union(*(pairs(apartment) for n in (7, 8) for apartment in drawn(n, "unseen")))
    assert unseen >= HELD_OUT_FURNITURE


@pytest.mark.slow
def test_no_floor_plan_is_in_both_splits() -> None:
    digests = {}
    for split in APARTMENT_SPLITS:
        apartments = [a for rooms in (3, 6) for a in drawn(rooms, split)]
        assert {split_of(a.rooms, a.doors) for a in apartments} == {split}
        digests[split] = {layout_digest(a.rooms, a.doors) for a in apartments}
    assert not digests["train"] & digests["unseen"]  # though the seeds are the same


def test_the_digest_survives_writing() -> None:
    apartment = drawn(4)[0]
    read = Apartment.from_dict(json.loads(json.dumps(apartment.to_dict())))
    assert read == apartment
    assert layout_digest(read.rooms, read.doors) == layout_digest(apartment.rooms, apartment.doors)


def test_both_splits_get_half_of_the_floor_plans() -> None:
    plans = [draw_floor_plan(np.random.default_rng(seed), 5) for seed in range(200)]
    assert 75 < sum(split_of(*plan) == "train" for plan in plans) < 125


@pytest.mark.parametrize("rooms", SIZES)
def test_signs_name_the_room_behind_the_door(rooms: int) -> None:
    signs = doors = 0
    for apartment in drawn(rooms):
        doors += len(apartment.doors)
        gaps = [(door.rooms, door_gap(apartment.rooms, door)) for door in apartment.doors]
        for sign in apartment.wall_pieces:
            if sign.kind != "sign":
                continue
            signs += 1
            edge = sign.edge
            beside = {
                pair: max(gap.low_m - edge.high_m, edge.low_m - gap.high_m)
                for pair, gap in gaps
                if gap.axis == edge.axis and abs(gap.at_m - edge.at_m) < WALL_M
            }
            pair = min(beside, key=lambda pair: beside[pair])
            assert beside[pair] == pytest.approx(0.1)
            behind = pair[1] if pair[0] == sign.room else pair[0]
            assert sign.room in pair
            assert sign.text == apartment.rooms[behind].kind.upper()
    assert signs > 1.9 * doors  # nearly every door has one on both sides


def test_a_sign_hangs_to_the_right_of_its_door() -> None:
    rooms = (Room("kitchen", Rect(0, 0, 4, 4)), Room("study", Rect(4, 0, 8, 4)))
    middle, low = Door((0, 1), (4.0, 2.0)), Door((0, 1), (4.0, 0.75))
    kitchen, study = door_signs(rooms, (middle,), "red")
    assert (kitchen.room, kitchen.text, kitchen.facing) == (0, "STUDY", 2)
    assert kitchen.centre_m == pytest.approx((3.95, 1.1, 1.4))  # who looks east has south there
    assert (study.room, study.text, study.facing) == (1, "KITCHEN", 0)
    assert study.centre_m == pytest.approx((4.05, 2.9, 1.4))
    kitchen, study = door_signs(rooms, (low,), "red")
    assert kitchen.centre_m[1] == study.centre_m[1] == pytest.approx(1.65)  # to its left


def test_nothing_tall_hides_what_hangs() -> None:
    kinds: Counter[str] = Counter()
    for apartment in drawn(7):
        kinds.update(piece.kind for piece in apartment.wall_pieces)
        for hung in apartment.wall_pieces:
            tall = [
                piece.name
                for piece in in_room(apartment, hung.room)
                if PIECES[piece.kind].height_m > hung.low_m
                and piece.footprint.overlaps(hung.front(0.65))
            ]
            assert not tall
    assert all(kinds[kind] > 50 for kind in WALL_PIECES)


def test_a_room_without_doors_can_be_furnished() -> None:
    room = Room("bedroom", Rect(0.0, 0.0, 4.0, 4.0))
    furniture = furnish(np.random.default_rng(0), (room,), ())
    assert {"bed", "wardrobe"} <= {piece.kind for piece in furniture}
    assert Apartment((room,), (), furniture)


def test_a_narrow_room_is_refused() -> None:
    room = Room("hallway", Rect(0.0, 0.0, 4.0, 0.55))
    with pytest.raises(ValueError, match="too narrow"):
        furnish(np.random.default_rng(0), (room,), ())


def test_an_unknown_split_is_named() -> None:
    with pytest.raises(ValueError, match="Did you mean 'unseen'"):
        draw_apartment(np.random.default_rng(0), split="unsen")
    with pytest.raises(ValueError, match="unknown split"):
        furnish(np.random.default_rng(0), (), (), split="test")


def test_drawing_gives_up_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(furnishing, "split_of", lambda rooms, doors: "neither")
    with pytest.raises(RuntimeError, match="no floor plan of the split 'train' in 100 draws"):
        draw_apartment(np.random.default_rng(0))
