"""Films of navigation: eyes on the left, the plan on the right, the words below, double speed."""

from dataclasses import replace

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect, Room
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.experiments.evaluation.episode_video import ROOMS_STYLE, film
from handeye.experiments.evaluation.run_policy_episode import run_policy_episode
from handeye.experiments.pictures.film import MOST_DECISIONS
from handeye.experiments.pictures.navigation_film import EGO_PX, EVERY, Plan, draw_plan, draw_robot
from handeye.experiments.pictures.video import decode_mp4
from handeye.experiments.records.episode import EpisodeJob

HOME = Apartment(
    rooms=(Room("kitchen", Rect(0, 0, 3, 4)), Room("study", Rect(3, 0, 6, 4))),
    doors=(Door((0, 1), (3.0, 2.0)),),
    furniture=(Furniture("red_table_0", "table", "red", 0, (1.5, 3.0), 0),),
)
SCENE = RoomScene(HOME, BasePose(1.0, 1.0, 0.0))
JOB = EpisodeJob("oracle", "rooms", "object_goal", "unseen", 1_000_001)


def colour_at(plan: Plan, x: float, y: float) -> np.ndarray:
    column, row = np.round(plan.to_px(np.array([[x, y]]))[0]).astype(int)
    return plan.picture[row, column].astype(int)


def test_the_plan_shows_everything_in_its_place() -> None:
    plan = draw_plan(SCENE, 240, 320)
    assert plan.picture.shape == (240, 320, 3)
    # 0.1 m around 6 x 4 m: the width of 308 px decides, the middle is in the middle.
    assert plan.px_per_m == pytest.approx(308 / 6.2)
    assert plan.to_px(np.array([[3.0, 2.0]]))[0] == pytest.approx([160, 120])
    assert plan.to_px(np.array([[3.0, 3.0]]))[0, 1] < 120  # world +y points upwards
    red, green, blue = colour_at(plan, 1.5, 3.0)
    assert red > green + 50
    assert red > blue + 50
    assert colour_at(plan, 3.0, 0.5).max() < 110  # the wall between the rooms
    assert colour_at(plan, 3.0, 2.0).min() > 200  # its doorway
    assert (colour_at(plan, 1.0, 1.0) != colour_at(plan, 5.0, 1.0)).any()


def test_what_the_words_name_has_an_outline() -> None:
    plain, marked = draw_plan(SCENE, 240, 320), draw_plan(SCENE, 240, 320, ["red_table_0", "study"])
    changed = np.argwhere((plain.picture != marked.picture).any(axis=-1))
    centre = changed.mean(axis=0)[::-1]
    assert centre == pytest.approx(plain.to_px(np.array([[1.5, 3.0]]))[0], abs=1.0)


def test_the_way_so_far_and_where_it_looks() -> None:
    plan = draw_plan(SCENE, 240, 320)
    track = np.array([[1.0, 1.0, 0.0], [1.5, 1.0, 0.0], [1.5, 1.0, np.pi / 2]])
    drawn = draw_robot(plan, track)
    changed = np.argwhere((drawn != plan.picture).any(axis=-1))
    top, left = changed.min(axis=0)
    bottom, right = changed.max(axis=0)
    (from_x, at_y), (to_x, _) = plan.to_px(track[:2, :2])
    assert left == pytest.approx(from_x, abs=4)
    assert at_y - top > bottom - at_y + 3  # the nose points up
    assert right > to_x
    assert (draw_plan(SCENE, 240, 320).picture == plan.picture).all()  # drawn on a copy


@pytest.mark.slow
def test_a_film_of_navigation() -> None:
    shot = film(JOB)
    assert replace(shot.record, wall_s=0.0) == replace(run_policy_episode(JOB), wall_s=0.0)
    pictures = decode_mp4(shot.mp4)
    ticks = round(10 * shot.record.sim_s)
    assert len(pictures) == 1 + -(-ticks // EVERY)
    height, width = pictures[0].shape[:2]
    assert width == EGO_PX + 4 * EGO_PX // 3
    assert height > EGO_PX + 20  # the words
    assert pictures[0][EGO_PX + 4 :].min() < 120
    ego, plan = np.abs(pictures[0].astype(int) - pictures[-1])[:EGO_PX, :EGO_PX], pictures[-1]
    assert ego.mean() > 5
    assert plan[:EGO_PX, EGO_PX:].std() > 10


@pytest.mark.slow
def test_a_long_episode_shows_few_decisions() -> None:
    shot = film(replace(JOB, seed=1_000_002))
    assert shot.record.steps > MOST_DECISIONS
    numbers = [decision.number for decision in shot.decisions]
    assert len(numbers) == MOST_DECISIONS
    assert (numbers[0], numbers[-1]) == (1, shot.record.steps + 1)  # the last one is "done"
    gaps = np.diff(numbers)
    assert gaps.max() - gaps.min() <= 1
    assert shot.decisions[-1].words == "done"
    weight = len(shot.mp4) + sum(len(decision.jpeg) for decision in shot.decisions)
    assert weight < 400_000
    assert ROOMS_STYLE.height_px == EGO_PX
