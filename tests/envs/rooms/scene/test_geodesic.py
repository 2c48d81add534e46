"""Shortest paths: by hand, against a graph of all corners, and against a fine grid."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect, Room
from handeye.envs.rooms.apartments.sample_floor_plan import draw_floor_plan
from handeye.envs.rooms.scene.geodesic import (
    CLEARANCE_M,
    MOST_FIELDS,
    PUSH_OUT_M,
    REACHED_M,
    FreeSpace,
    free_space_of,
)
from handeye.envs.rooms.scene.geodesic_kernels import segment_is_free

Array = NDArray[np.float64]
FLOOR = Rect(0.0, 0.0, 10.0, 10.0)
RADIUS_M = 0.2
BOX = Rect(4.0, 4.0, 6.0, 6.0)
CELL_M = 0.05
RADIUS_ON_GRID_M = 0.2 - CLEARANCE_M  # grown obstacles then end on lines of the grid


def length_m(path: Array) -> float:
    return float(np.hypot(*np.diff(path, axis=0).T).sum())


def wall_with_gap(gap_m: float) -> list[Rect]:
    """A wall across the floor at x = 5, with a gap around y = 5."""
    return [Rect(4.9, 0.0, 5.1, 5.0 - gap_m / 2), Rect(4.9, 5.0 + gap_m / 2, 5.1, 10.0)]


def cluttered(seed: int) -> tuple[Array, Rect]:
    """Walls of a drawn apartment and boxes on multiples of the cell."""
    rng = np.random.default_rng(seed)
    apartment = Apartment(*draw_floor_plan(rng))
    bounds = apartment.bounds
    sizes = rng.integers(6, 25, (25, 2)) * CELL_M
    low = rng.uniform((bounds.x0, bounds.y0), (bounds.x1, bounds.y1), (25, 2)).round(1)
    return np.vstack([apartment.walls(), np.hstack([low, low + sizes])]), bounds


def free_points(space: FreeSpace, count: int, seed: int) -> Array:
    x0, y0, x1, y1 = space.bounds
    points = np.random.default_rng(seed).uniform((x0, y0), (x1, y1), (50 * count, 2))
    return np.array([p for p in points if space.is_free(*p)][:count])


# ------------------------------------------------------------------------------ by hand


def test_without_obstacles_the_path_is_straight() -> None:
    field = FreeSpace([], FLOOR, RADIUS_M).field_to((4.0, 5.0))
    assert field.distance_m(1.0, 1.0) == 5.0
    np.testing.assert_array_equal(field.path(1.0, 1.0), [[1.0, 1.0], [4.0, 5.0]])
    np.testing.assert_array_equal(field.path(4.0, 5.0), [[4.0, 5.0], [4.0, 5.0]])
    assert field.distance_m(4.0, 5.0) == 0.0


def test_a_box_is_passed_around_its_grown_corners() -> None:
    field = FreeSpace([BOX], FLOOR, RADIUS_M).field_to((9.0, 5.5))
    low, high = 4.0 - RADIUS_M - CLEARANCE_M, 6.0 + RADIUS_M + CLEARANCE_M
    expected = [[1.0, 5.5], [low, high], [high, high], [9.0, 5.5]]
    np.testing.assert_allclose(field.path(1.0, 5.5), expected, atol=1e-12)
    by_hand = math.hypot(low - 1.0, high - 5.5) + high - low + math.hypot(9.0 - high, high - 5.5)
    assert field.distance_m(1.0, 5.5) == pytest.approx(by_hand, abs=1e-12)


def test_one_corner_is_enough_from_beside_the_box() -> None:
    field = FreeSpace([BOX], FLOOR, RADIUS_M).field_to((5.0, 8.0))
    low, high = 4.0 - RADIUS_M - CLEARANCE_M, 6.0 + RADIUS_M + CLEARANCE_M
    np.testing.assert_allclose(field.path(3.0, 5.0), [[3.0, 5.0], [low, high], [5.0, 8.0]])
    np.testing.assert_allclose(field.next_waypoint(3.0, 5.0), [low, high])


def test_a_doorway_is_passed_along_its_posts() -> None:
    field = FreeSpace(wall_with_gap(1.0), FLOOR, RADIUS_M).field_to((8.0, 8.0))
    reach = RADIUS_M + CLEARANCE_M
    first, second = (4.9 - reach, 5.5 - reach), (5.1 + reach, 5.5 - reach)
    path = field.path(2.0, 8.0)
    np.testing.assert_allclose(path, [[2.0, 8.0], first, second, [8.0, 8.0]])
    by_hand = 2 * math.hypot(first[0] - 2.0, 8.0 - first[1]) + 0.2 + 2 * reach
    assert field.distance_m(2.0, 8.0) == pytest.approx(by_hand)


@pytest.mark.parametrize(("gap_m", "opens"), [(0.39, False), (0.4, False), (0.41, True)])
def test_a_gap_is_open_if_the_robot_fits(gap_m: float, opens: bool) -> None:
    space = FreeSpace(wall_with_gap(gap_m), FLOOR, RADIUS_M)
    assert math.isfinite(space.field_to((8.0, 5.0)).distance_m(2.0, 2.0)) == opens
    assert space.is_free(5.0, 5.0) == opens


def test_what_is_cut_off_is_infinitely_far_and_has_no_path() -> None:
    field = FreeSpace([Rect(4.9, 0.0, 5.1, 10.0)], FLOOR, RADIUS_M).field_to((8.0, 5.0))
    assert field.distance_m(2.0, 2.5) == math.inf
    for ask in (field.path, field.next_waypoint):
        with pytest.raises(ValueError, match=r"\(2\.000, 2\.500\).*\[\[8\.0, 5\.0\]\]"):
            ask(2.0, 2.5)


def test_the_nearest_of_several_goals_counts() -> None:
    space = FreeSpace([BOX], FLOOR, RADIUS_M)
    goals = np.array([(1.0, 5.0), (9.0, 5.0), (5.0, 9.5)])
    field = space.field_to(goals)
    alone = [space.field_to(goal).distances_m(free_points(space, 40, 0)) for goal in goals]
    np.testing.assert_allclose(field.distances_m(free_points(space, 40, 0)), np.min(alone, axis=0))
    np.testing.assert_array_equal(field.path(7.0, 5.0)[-1], goals[1])
    np.testing.assert_array_equal(field.goals, goals)


def test_of_equally_near_goals_the_first_counts() -> None:
    field = FreeSpace([], FLOOR, RADIUS_M).field_to([(7.0, 5.0), (3.0, 5.0)])
    np.testing.assert_array_equal(field.path(5.0, 5.0)[-1], [7.0, 5.0])


# ------------------------------------------------------------------------------ off the free space


def test_a_start_inside_a_grown_obstacle_is_pushed_out() -> None:
    space = FreeSpace([BOX], FLOOR, RADIUS_M)
    edge = 6.0 + RADIUS_M + CLEARANCE_M
    assert not space.is_free(6.15, 5.0)
    assert space.nearest_free(6.15, 5.0) == pytest.approx((edge, 5.0))
    assert space.nearest_free(8.0, 5.0) == (8.0, 5.0)
    field = space.field_to((8.0, 5.0))
    assert field.distance_m(6.15, 5.0) == pytest.approx(8.0 - 6.15)
    np.testing.assert_allclose(field.path(6.15, 5.0), [[6.15, 5.0], [edge, 5.0], [8.0, 5.0]])
    np.testing.assert_allclose(field.next_waypoint(6.15, 5.0), [edge, 5.0])
    np.testing.assert_allclose(field.next_waypoint(edge - REACHED_M / 2, 5.0), [8.0, 5.0])


def test_a_point_in_a_corner_or_out_of_bounds_is_pushed_to_where_edges_meet() -> None:
    reach = RADIUS_M + CLEARANCE_M
    space = FreeSpace([Rect(0, 0, 10, 1), Rect(0, 0, 1, 10)], FLOOR, RADIUS_M)
    assert space.nearest_free(1.1, 1.1) == pytest.approx((1 + reach, 1 + reach))
    assert space.nearest_free(10.3, 10.4) == (10.0, 10.0)
    assert space.nearest_free(10.3, 5.0) == (10.0, 5.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_sampled_free_point_is_nearer_than_the_nearest(seed: int) -> None:
    obstacles, bounds = cluttered(seed)
    space = FreeSpace(obstacles, bounds, RADIUS_M)
    free = free_points(space, 4000, seed)
    rng = np.random.default_rng(seed)
    for point in rng.uniform((bounds.x0, bounds.y0), (bounds.x1, bounds.y1), (60, 2)):
        sampled_m = np.hypot(*(free - point).T).min()
        if sampled_m > PUSH_OUT_M:
            continue
        nearest = space.nearest_free(*point)
        assert space.is_free(*nearest)
        assert space.nearest_free(*nearest) == nearest
        assert math.dist(point, nearest) <= sampled_m + 1e-9


def test_far_inside_an_obstacle_there_is_no_free_point() -> None:
    space = FreeSpace([Rect(2.0, 2.0, 8.0, 8.0)], FLOOR, RADIUS_M)
    with pytest.raises(ValueError, match=r"within 1.0 m of \(5\.000, 4\.000\)"):
        space.nearest_free(5.0, 4.0)
    assert space.field_to((1.0, 1.0)).distance_m(5.0, 4.0) == math.inf
    with pytest.raises(ValueError, match="no path"):
        space.field_to((1.0, 1.0)).path(5.0, 4.0)


@pytest.mark.parametrize(
    ("obstacles", "radius_m", "goals", "message"),
    [
        ([BOX], RADIUS_M, (5.0, 5.0), r"goal \(5\.000, 5\.000\) is not free"),
        ([BOX], RADIUS_M, [], "at least one goal"),
        ([BOX], RADIUS_M, (math.nan, 1.0), "finite"),
        ([BOX], RADIUS_M, (1.0, 2.0, 3.0), "rows x y"),
        ([BOX], -0.1, (1.0, 1.0), "radius"),
        ([Rect(6.0, 4.0, 4.0, 6.0)], RADIUS_M, (1.0, 1.0), "inside out"),
        ([(0.0, 0.0, math.inf, 1.0)], RADIUS_M, (1.0, 1.0), "finite"),
        ([(0.0, 0.0, 1.0)], RADIUS_M, (1.0, 1.0), "x0 y0 x1 y1"),
    ],
)
def test_what_makes_no_sense_is_refused(
    obstacles: list[Rect], radius_m: float, goals: list[float], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        FreeSpace(obstacles, FLOOR, radius_m).field_to(goals)


# ------------------------------------------------------------------------------ properties


@pytest.mark.parametrize("seed", range(8))
def test_distances_are_a_metric_and_paths_are_free_and_as_long(seed: int) -> None:
    obstacles, bounds = cluttered(seed)
    space = FreeSpace(obstacles, bounds, RADIUS_M)
    points = np.vstack([free_points(space, 20, seed), space.corners[:10]])
    table = np.array([space.field_to(goal).distances_m(points) for goal in points])
    np.testing.assert_allclose(table, table.T, atol=1e-9)
    assert (np.diag(table) == 0).all()
    assert (table[:, None] <= table[:, :, None] + table[None] + 1e-7).all()
    straight = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    assert (table >= straight - 1e-12).all()
    field = space.field_to(points[0])
    for point, distance in zip(points, table[0], strict=True):
        if math.isfinite(distance):
            path = field.path(*point)
            assert length_m(path) == pytest.approx(distance, abs=1e-9)
            assert field.distance_m(*point) == distance
            assert all(segment_is_free(*a, *b, space._space.grown) for a, b in pairwise(path))


@pytest.mark.parametrize("seed", range(4))
def test_following_the_waypoints_leads_to_the_goal_on_the_shortest_path(seed: int) -> None:
    obstacles, bounds = cluttered(seed)
    space = FreeSpace(obstacles, bounds, RADIUS_M)
    points = free_points(space, 30, seed)
    field = space.field_to(points[0])
    reachable = points[np.isfinite(field.distances_m(points))]
    start = reachable[field.distances_m(reachable).argmax()]
    here, travelled = start, 0.0
    while not np.array_equal(here, points[0]):
        ahead = field.next_waypoint(*here) - here
        step = ahead * min(1.0, 0.1 / np.hypot(*ahead))
        here, travelled = here + step, travelled + float(np.hypot(*step))
        assert travelled < 100.0
        if np.hypot(*(here - points[0])) < 1e-9:
            break
    assert travelled == pytest.approx(field.distance_m(*start), abs=REACHED_M)


def test_the_same_input_gives_the_same_bits() -> None:
    obstacles, bounds = cluttered(1)
    first, second = (FreeSpace(obstacles, bounds, RADIUS_M) for _ in range(2))
    points = free_points(first, 50, 1)
    for space in (first, second):
        np.testing.assert_array_equal(space.corners, first.corners)
        np.testing.assert_array_equal(
            space.field_to(points[0]).distances_m(points),
            first.field_to(points[0]).distances_m(points),
        )


def test_fields_are_remembered_the_latest_longest() -> None:
    space = FreeSpace([BOX], FLOOR, RADIUS_M)
    field = space.field_to((1.0, 1.0))
    assert space.field_to([(1, 1)]) is field
    for i in range(MOST_FIELDS):
        space.field_to((1.0 + i / 100, 2.0))
    assert space.field_to((1.0, 1.0)) is not field


# ------------------------------------------------------------------------------ against others


def enters(a: Array, b: Array, rects: Array) -> NDArray[np.bool_]:
    """Which segments a-b (S, 2) enter one of the rectangles, by clipping (Liang-Barsky)."""
    low, high = np.zeros((len(a), len(rects))), np.ones((len(a), len(rects)))
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in (0, 1):
            start, way = a[:, axis, None], (b - a)[:, axis, None]
            near = (rects[None, :, axis] + 1e-8 - start) / way
            far = (rects[None, :, axis + 2] - 1e-8 - start) / way
            inside = (start > rects[:, axis] + 1e-8) & (start < rects[:, axis + 2] - 1e-8)
            still = np.broadcast_to(way == 0, near.shape)
            near, far = np.minimum(near, far), np.maximum(near, far)
            low = np.maximum(low, np.where(still, np.where(inside, 0.0, 2.0), near))
            high = np.minimum(high, np.where(still, 1.0, far))
    return (low < high).any(1)


def distances_over_all_corners(points: Array, rects: Array) -> Array:
    """Between all points (P, P): every free corner joined to every one in sight, none left out."""
    corners = rects[:, [0, 1, 0, 3, 2, 1, 2, 3]].reshape(-1, 2)
    inside = (corners[:, None] > rects[:, :2] + 1e-8) & (corners[:, None] < rects[:, 2:] - 1e-8)
    nodes = np.vstack([points, corners[~inside.all(2).any(1)]])
    i, j = np.triu_indices(len(nodes), 1)
    seen = ~enters(nodes[i], nodes[j], rects)
    lengths = np.hypot(*(nodes[i] - nodes[j])[seen].T)
    graph = coo_array((lengths, (i[seen], j[seen])), shape=(len(nodes), len(nodes)))
    return dijkstra(graph.tocsr(), directed=False, indices=range(len(points)))[:, : len(points)]


@pytest.mark.parametrize("seed", range(10))
def test_leaving_out_corners_and_edges_loses_no_shortest_path(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0.0, 9.0, (14, 2))
    boxes = np.hstack([low, low + rng.uniform(0.3, 2.0, (14, 2))])
    if seed % 2:  # edges in line with one another
        boxes = boxes.round()
        boxes[:, 2:] = np.maximum(boxes[:, 2:], boxes[:, :2] + 1.0)
    wide = Rect(-20.0, -20.0, 30.0, 30.0)  # nothing is cut off by the bounds
    space = FreeSpace(boxes, wide, RADIUS_M)
    points = np.array([p for p in rng.uniform(-1.0, 12.0, (60, 2)) if space.is_free(*p)][:20])
    table = np.array([space.field_to(goal).distances_m(points) for goal in points])
    margin = RADIUS_M + CLEARANCE_M
    grown = boxes + np.array([-margin, -margin, margin, margin])
    np.testing.assert_allclose(table, distances_over_all_corners(points, grown), atol=1e-6)


def grid_distances(space: FreeSpace, start: tuple[int, int]) -> Array:
    """Dijkstra (H, W) over free nodes of a grid, each joined to 16 others.

    Grown obstacles are whole cells here, so three points tell whether a move enters one.
    """
    x0, y0, x1, y1 = space.bounds
    height, width = round((y1 - y0) / CELL_M) + 1, round((x1 - x0) / CELL_M) + 1
    fine = np.array(
        [
            [
                space.is_free(x0 + column * CELL_M / 4, y0 + row * CELL_M / 4)
                for column in range(4 * width - 3)
            ]
            for row in range(4 * height - 3)
        ]
    )
    moves = [m for m in product(range(-2, 3), repeat=2) if math.gcd(*m) == 1]
    rows, columns = np.nonzero(fine[::4, ::4])
    sources, targets, lengths = [], [], []
    for down, right in moves:
        to_row, to_column = rows + down, columns + right
        keep = (to_row >= 0) & (to_row < height) & (to_column >= 0) & (to_column < width)
        r, c = 4 * rows[keep], 4 * columns[keep]
        ways = [fine[r + k * down, c + k * right] for k in (1, 2, 3, 4)]
        free = np.logical_and.reduce(ways)
        sources.append((r // 4 * width + c // 4)[free])
        targets.append(((r // 4 + down) * width + c // 4 + right)[free])
        lengths.append(np.full(int(free.sum()), math.hypot(down, right) * CELL_M))
    ends = np.concatenate(sources), np.concatenate(targets)
    graph = coo_array((np.concatenate(lengths), ends), shape=(height * width,) * 2).tocsr()
    found = dijkstra(graph, indices=start[0] * width + start[1])
    return np.asarray(found, dtype=np.float64).reshape(height, width)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 5])
def test_a_fine_grid_finds_paths_a_little_longer(seed: int) -> None:
    obstacles, bounds = cluttered(seed)
    space = FreeSpace(obstacles, bounds, RADIUS_ON_GRID_M)
    rng = np.random.default_rng(seed)
    size = round((bounds.y1 - bounds.y0) / CELL_M), round((bounds.x1 - bounds.x0) / CELL_M)
    nodes = rng.integers((0, 0), size, (4000, 2))
    points = nodes[:, ::-1] * CELL_M + [bounds.x0, bounds.y0]
    free = [space.is_free(*point) for point in points]
    nodes, points = nodes[free], points[free]
    exact = space.field_to(points[0]).distances_m(points)
    grid = grid_distances(space, (int(nodes[0, 0]), int(nodes[0, 1])))[nodes[:, 0], nodes[:, 1]]
    np.testing.assert_array_equal(np.isfinite(exact), np.isfinite(grid))
    near = np.isfinite(exact)
    assert near.sum() > 50
    assert (exact[near] <= grid[near] + 1e-6).all()
    assert (exact[near] >= 0.96 * grid[near]).all()


# ------------------------------------------------------------------------------ apartments


def two_rooms() -> Apartment:
    rooms = (Room("kitchen", Rect(0.0, 0.0, 4.0, 3.0)), Room("bedroom", Rect(4.0, 0.0, 8.0, 3.0)))
    bed = Furniture("bed", "bed", "blue", 1, (6.9, 2.1), 0)
    return Apartment(rooms, (Door((0, 1), (4.0, 1.0)),), (bed,))


def test_an_apartment_is_passed_through_its_door_around_its_furniture() -> None:
    apartment = two_rooms()
    space = free_space_of(apartment, RADIUS_M)
    assert free_space_of(Apartment.from_dict(apartment.to_dict()), RADIUS_M) is space
    assert free_space_of(apartment, 0.25) is not space
    assert not space.is_free(6.9, 2.1)
    assert not space.is_free(4.0, 2.0)
    path = space.field_to((7.0, 1.0)).path(2.0, 2.5)
    reach = RADIUS_M + CLEARANCE_M
    post = 1.5 - reach
    expected = [[2.0, 2.5], [3.95 - reach, post], [7.0, 1.0]]
    np.testing.assert_allclose(path, expected)


@pytest.mark.parametrize("seed", range(12))
def test_every_room_of_a_drawn_apartment_can_be_reached(seed: int) -> None:
    apartment = Apartment(*draw_floor_plan(np.random.default_rng(seed)))
    field = free_space_of(apartment, RADIUS_M).field_to(apartment.rooms[0].floor.centre)
    centres = [room.floor.centre for room in apartment.rooms]
    assert np.isfinite(field.distances_m(centres)).all()
    assert field.distance_m(-3.0, -3.0) == math.inf
