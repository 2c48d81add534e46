"""Things on a map: by place and colour, by all looks at them and by their size."""

import numpy as np
import pytest

from handeye.perception.mapping.floor_map import FloorMap
from handeye.perception.mapping.things_on_map import MappedObject, things_on_map

KINDS = ("armchair", "sofa", "picture")
SIZES_M = np.array([(0.8, 0.8), (0.8, 1.8), (np.nan, np.nan)])
ROOMS = 1  # channels before those of kinds
RED, GREEN = 0, 1


class Drawn:
    """A map on which rectangles look like things."""

    def __init__(self) -> None:
        self.floor = FloorMap(channels=ROOMS + len(KINDS) + 2)

    def put(
        self, middle: tuple[float, float], size: tuple[float, float], colour: int, **looks: float
    ) -> "Drawn":
        rows, columns = np.mgrid[-4:4:0.05, -4:4:0.05] + 0.025
        inside = (abs(columns - middle[0]) < size[0] / 2) & (abs(rows - middle[1]) < size[1] / 2)
        points = np.stack([columns[inside], rows[inside]], axis=-1)
        cells = np.array([self.floor.cell_of(x, y) for x, y in points.tolist()])
        odds = np.zeros(ROOMS + len(KINDS) + 2, np.float32)
        odds[[ROOMS + KINDS.index(kind) for kind in looks]] = list(looks.values())
        odds[ROOMS + len(KINDS) + colour] = sum(looks.values())
        self.floor._weights[tuple(cells.T)] = 20
        self.floor.set_scores(cells, np.tile(odds, (len(cells), 1)))
        return self

    def found(self) -> list[tuple[str, int, list[float]]]:
        return [
            (
                KINDS[int(thing.kinds.argmax())],
                int(thing.colours.argmax()),
                thing.points_m.mean(0).round(1).tolist(),
            )
            for thing in self.things()
        ]

    def things(self) -> list[MappedObject]:
        return things_on_map(self.floor, ROOMS, SIZES_M)


def test_a_thing_is_what_stands_in_one_place_in_one_colour() -> None:
    drawn = Drawn().put((1, 1), (0.8, 0.8), RED, armchair=0.7, sofa=0.2)
    drawn.put((1, 1.8), (0.8, 0.8), GREEN, armchair=0.9)  # right beside it
    drawn.put((-2, 1), (0.8, 0.8), RED, armchair=0.9)  # far from it
    assert sorted(drawn.found()) == [
        ("armchair", RED, [-2.0, 1.0]),
        ("armchair", RED, [1.0, 1.0]),
        ("armchair", GREEN, [1.0, 1.8]),
    ]
    assert all(float(thing.kinds.sum()) == pytest.approx(1, abs=1e-4) for thing in drawn.things())


@pytest.mark.parametrize(
    ("size", "kind"), [((0.8, 0.8), "armchair"), ((1.8, 0.8), "sofa"), ((0.8, 1.8), "sofa")]
)
def test_its_size_tells_kinds_apart_that_look_alike(size: tuple[float, float], kind: str) -> None:
    drawn = Drawn().put((0, 0), size, RED, armchair=0.45, sofa=0.45)
    assert drawn.found() == [(kind, RED, [0.0, 0.0])]


def test_looks_that_are_sure_outweigh_a_size_that_is_half_in_view() -> None:
    drawn = Drawn().put((0, 0), (1.2, 0.4), RED, armchair=0.05, sofa=0.85)
    assert drawn.found() == [("sofa", RED, [0.0, 0.0])]


def test_kinds_of_many_sizes_are_told_by_looks() -> None:
    drawn = Drawn().put((0, 0), (0.1, 1.0), RED, armchair=0.1, picture=0.8)
    assert drawn.found() == [("picture", RED, [0.0, 0.0])]


def test_two_parts_of_a_thing_are_one() -> None:
    drawn = Drawn().put((0, 0.5), (0.8, 0.3), RED, sofa=0.9)
    drawn.put((0, -0.5), (0.8, 0.3), RED, sofa=0.9)  # the middle is hidden
    assert drawn.found() == [("sofa", RED, [0.0, 0.0])]


def test_what_is_small_faint_or_hardly_seen_is_nothing() -> None:
    drawn = Drawn().put((1, 1), (0.1, 0.1), RED, armchair=0.9)
    drawn.put((-1, 1), (0.8, 0.8), RED, armchair=0.2, sofa=0.1)
    assert drawn.found() == []
    drawn.put((1, -2), (0.8, 0.8), GREEN, armchair=0.9)
    drawn.floor._weights[drawn.floor._weights > 0] = 2
    assert drawn.found() == []
    assert things_on_map(FloorMap(channels=6), ROOMS, SIZES_M) == []
