"""Scenes that a user hands over: taken as they are, or refused by the name of what is wrong."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.floor import Door
from handeye.envs.rooms.apartments.wall_pieces import WallPiece
from handeye.envs.rooms.custom_scene import given_goals, read_scene
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.rooms.scene.mobile_base import FORWARD, BasePose
from handeye.envs.rooms.scene.scene import RoomGoal, RoomScene
from handeye.envs.rooms.tasks import ROOM_TASKS
from tests.envs.route_home import HALLWAY, HOME, KITCHEN, STUDY

SCENE = RoomScene(HOME, BasePose(6.0, 1.5, math.pi / 2))
SEED = 1_000_003
Edit = Callable[[dict[str, Any]], None]


def file_of(scene: RoomScene = SCENE) -> dict[str, Any]:
    """What a user reads from a JSON file."""
    return json.loads(json.dumps(scene.to_dict()))


def edited(edit: Edit) -> dict[str, Any]:
    data = file_of()
    edit(data)
    return data


def into(*path: str | int, value: object) -> Edit:
    """Puts a value at a place of the file."""

    def edit(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        data[path[-1]] = value

    return edit


def without(*path: str | int) -> Edit:
    def edit(data: Any) -> None:
        for key in path[:-1]:
            data = data[key]
        del data[path[-1]]

    return edit


def started(task: str, scene: object, **options: object) -> RoomsEnv:
    env = RoomsEnv(task, cameras=())
    env.reset(seed=SEED, options={"scene": scene, **options})
    return env


# --------------------------------------------------------- what makes sense


def test_a_scene_comes_back_from_json_as_it_was() -> None:
    assert read_scene(file_of()) == SCENE
    assert read_scene(SCENE) is SCENE


@pytest.mark.parametrize("task", [name for name in ROOM_TASKS if name != "follow_sign"])
def test_every_task_can_be_asked_in_it_and_solved(task: str) -> None:
    env = started(task, file_of(), goal=0)
    assert env.scene == SCENE
    assert env.goal == env.goals[0]
    while not (wanted := env.oracle_action()).done:
        env.step(wanted.values)
    assert env.finish(wanted.answer)["is_success"]


@pytest.mark.parametrize("task", ["object_goal", "follow_sign"])
def test_a_drawn_scene_can_be_given_again(task: str) -> None:
    drawn = RoomsEnv(task, image_size_px=16)
    drawn.reset(seed=SEED)
    given = RoomsEnv(task, image_size_px=16)
    goal = json.loads(json.dumps(asdict(drawn.goal)))
    given.reset(seed=SEED, options={"scene": file_of(drawn.scene), "goal": goal})
    assert (given.goal, given.goal_index) == (drawn.goal, 0)
    assert given.goals.count(given.goal) == 1
    for _ in range(4):
        ours, theirs = drawn.step(FORWARD), given.step(FORWARD)
        assert ours[4]["state_hash"] == theirs[4]["state_hash"]
        np.testing.assert_array_equal(ours[0]["rgb_ego"], theirs[0]["rgb_ego"])


def test_a_goal_may_be_a_number_a_goal_or_its_fields() -> None:
    wanted = RoomGoal(("blue_sofa",))
    for goal in (wanted, {"referred": ["blue_sofa"]}):
        env = started("object_goal", SCENE, goal=goal)
        assert env.goal == wanted
    number = started("object_goal", SCENE, goal=2)
    assert number.goal_index == 2
    with pytest.raises(ValueError, match="not one of the scene's"):
        started("object_goal", SCENE, goal=99)


def test_the_same_seed_offers_the_same_goals() -> None:
    one, again = (started("point_goal", file_of()) for _ in range(2))
    assert one.goals == again.goals
    assert one.instruction == again.instruction


def test_words_and_scene_can_both_be_given() -> None:
    env = started("room_goal", SCENE, instruction="over there")
    assert env.instruction == "over there"


def test_a_fork_starts_from_the_scene_as_it_was_given() -> None:
    data, goal = file_of(), {"referred": ["blue_sofa"]}
    env = started("object_goal", data, goal=goal)
    env.step(FORWARD)
    data["start"]["x_m"], goal["referred"] = 5.0, ["red_box"]
    twin = env.fork()
    assert (twin.scene, twin.goal, twin.goals) == (env.scene, env.goal, env.goals)
    assert twin.step(FORWARD)[4] == env.step(FORWARD)[4]


def test_the_next_reset_draws_its_own_scene_again() -> None:
    env = started("object_goal", SCENE)
    env.reset(seed=SEED)
    assert env.scene != SCENE


def test_signs_that_say_the_same_are_not_asked_for() -> None:
    def sign(number: int, x: float, text: str) -> WallPiece:
        return WallPiece(f"sign_{number}", "sign", "red", HALLWAY, (x, 3.05, 1.3), 1, text)

    signs = (sign(0, 0.8, "ADA"), sign(1, 3.2, "ADA"), sign(2, 11.2, "BEN"))
    scene = RoomScene(replace(HOME, wall_pieces=signs), SCENE.start)
    env = started("follow_sign", file_of(scene))
    assert env.goals == [RoomGoal(("sign_2",))]
    assert "BEN" in env.instruction.upper()


# ----------------------------------------------------------- what makes none


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (
            into("start", value={"x_m": 5.1, "y_m": 1.2, "yaw_rad": 0.0}),
            r"does not fit at the start \(5.10, 1.20\): 'green_plant' is there",
        ),
        (into("start", "x_m", value=7.8), "a wall of the study is there"),
        (into("start", "x_m", value=40.0), "in no room"),
        (into("start", "yaw_rad", value=math.nan), "the start has the yaw_rad nan; give a finite"),
        (into("start", "x_m", value="6"), "the start has the x_m '6'"),
        (without("start", "yaw_rad"), "the start needs the fields .*yaw_rad"),
        (without("start"), "the scene needs the fields .*start"),
        (without("apartment"), "the scene needs the fields .*apartment"),
        (into("apartment", value=[]), "the apartment needs the fields .*got list"),
        (into("apartment", "doors", value=None), "'doors' of the apartment must be a list"),
        (into("apartment", "rooms", value=[]), "at least one room"),
        (
            into("apartment", "rooms", KITCHEN, "floor", value=[7.0, 0.0, 12.0, 3.0]),
            "walls of study and kitchen overlap",
        ),
        (
            into("apartment", "rooms", KITCHEN, "floor", value=[8.0, 0.0, math.inf, 3.0]),
            "'kitchen' of 'rooms' has the floor .*give 4 finite numbers",
        ),
        (into("apartment", "rooms", KITCHEN, "kind", value="study"), "two rooms are a study"),
        (into("apartment", "rooms", KITCHEN, "kind", value="cave"), "room 'cave'"),
        (into("apartment", "rooms", KITCHEN, "kind", value=3), "give words"),
        (into("apartment", "doors", 0, "centre_m", value=[2.0, 2.0]), r"door at \(2.0, 2.0\)"),
        (
            into("apartment", "doors", 0, value={"rooms": [1, 1], "centre_m": [0.0, 1.5]}),
            "from the bedroom to itself",
        ),
        (into("apartment", "doors", 0, "rooms", value=[0, 1.5]), "give 2 whole finite numbers"),
        (into("apartment", "doors", 0, "rooms", value=[0, 9]), "there are 0 to 5"),
        (
            into("apartment", "furniture", 1, "centre_m", value=[0.2, 6.5]),
            "'blue_sofa' stands in a wall of the living room",
        ),
        (
            into("apartment", "furniture", 1, "centre_m", value=[math.nan, 6.5]),
            "'blue_sofa' of 'furniture' has the centre_m",
        ),
        (into("apartment", "furniture", 1, "kind", value="throne"), "unknown kind 'throne'"),
        (into("apartment", "furniture", 1, "room", value=77), "'blue_sofa' stands in room 77"),
        (into("apartment", "furniture", 1, "quarter_turns", value=0.5), "a whole number"),
        (into("apartment", "furniture", 1, "name", value="red_box"), "names of its own"),
        (into("apartment", "furniture", 1, "name", value="kitchen"), "'kitchen' like a room"),
        (without("apartment", "furniture", 1, "colour"), "'blue_sofa' of 'furniture' needs"),
        (into("apartment", "furniture", 1, "size_m", value=2.0), "'blue_sofa' of 'furniture'"),
        (
            into("apartment", "furniture", 2, value={**file_of()["apartment"]["furniture"][3],
                 "name": "twin", "centre_m": [1.2, 1.2]}),
            "'twin' and 'red_chair_b' stand in one another",
        ),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_refused_by_name(edit: Edit, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        started("object_goal", edited(edit))


NESTED: list[Any] = []
for _ in range(100_000):
    NESTED = [NESTED]
PLACES = [
    ("start",), ("start", "x_m"), ("apartment",), ("apartment", "rooms"), ("apartment", "doors", 0),
    ("apartment", "rooms", 0, "floor"), ("apartment", "rooms", 0, "floor", 1),
    ("apartment", "furniture", 0, "name"), ("apartment", "furniture", 0, "room"),
    ("apartment", "furniture", 0, "centre_m", 0), ("apartment", "wall_pieces", 0, "text"),
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "value", [None, {}, NESTED, "x" * 1_000_000, 10**400, -(10**4000), math.nan, math.inf],
    ids=["null", "object", "nested", "text", "large", "larger", "nan", "inf"],
)  # fmt: skip
def test_no_value_of_another_shape_gets_through(place: tuple[str | int, ...], value: Any) -> None:
    data = file_of()
    sign = {"name": "a_sign", "kind": "sign", "colour": "red", "room": 0, "facing": 0}
    data["apartment"]["wall_pieces"] = [{**sign, "centre_m": [0.0, 0.0, 1.0], "text": "EXIT"}]
    inner: Any = data
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    with pytest.raises(ValueError) as caught:
        read_scene(data)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("given", [None, "home.json", 3, []])
def test_what_is_no_scene_is_told_what_one_is(given: object) -> None:
    with pytest.raises(ValueError, match=r"write it with RoomScene\.to_dict"):
        started("object_goal", given)


def test_an_apartment_without_end_is_refused() -> None:
    def stretch(data: dict[str, Any]) -> None:
        data["apartment"]["rooms"][KITCHEN]["floor"][2] = 900.0

    with pytest.raises(ValueError, match="at most 35 m a side"):
        read_scene(edited(stretch))


def shut(*doors: int) -> RoomScene:
    """The home without some of its doors."""
    left = tuple(door for k, door in enumerate(HOME.doors) if k not in doors)
    return RoomScene(replace(HOME, doors=left), SCENE.start)


@pytest.mark.parametrize(
    ("task", "goal", "room"),
    [
        ("room_goal", "kitchen", "kitchen"),
        ("object_goal", "blue_sofa", "living room"),
        ("go_back", "bathroom", "bathroom"),
    ],
)
def test_a_goal_in_a_closed_room_is_refused_by_name(task: str, goal: str, room: str) -> None:
    scene = shut(2, 3, 4)
    with pytest.raises(ValueError, match=f"no way from the start to the {room}"):
        started(task, scene, goal={"referred": [goal]})
    reached = {name for other in started(task, scene).goals for name in other.referred}
    assert reached
    assert goal not in reached


def test_a_goal_behind_furniture_is_refused_by_name() -> None:
    wide = [
        {**file_of()["apartment"]["furniture"][0], "name": f"box_{k}", "centre_m": [x, 2.7]}
        for k, x in enumerate((9.6, 10.05, 10.5))
    ]
    for box in wide:
        box["room"] = KITCHEN
    data = file_of()
    data["apartment"]["furniture"] += wide
    with pytest.raises(ValueError, match="no way from the start to the kitchen"):
        started("room_goal", data, goal={"referred": ["kitchen"]})


@pytest.mark.parametrize("task", ["room_goal", "object_goal", "go_back", "count_things"])
def test_an_apartment_without_a_path_is_refused(task: str) -> None:
    with pytest.raises(ValueError, match=r"the start .* is closed off"):
        started(task, shut(0, 1, 2, 3, 4))


def test_a_task_without_what_it_is_about_says_so() -> None:
    with pytest.raises(ValueError, match="'follow_sign' has nothing to ask for"):
        started("follow_sign", SCENE)
    bare = RoomScene(Apartment(HOME.rooms[:2], (Door((0, 1), (2.0, 3.0)),)), BasePose(1, 1, 0))
    with pytest.raises(ValueError, match="'object_goal' has nothing to ask for"):
        started("object_goal", bare)


@pytest.mark.parametrize(
    ("task", "goal", "message"),
    [
        ("object_goal", {"referred": ["blue_sofas"]}, "unknown landmark.*'blue_sofa'"),
        ("room_goal", {"referred": ["ballroom"]}, "unknown landmark 'ballroom'"),
        ("object_goal", {"referred": "blue_sofa"}, "list of names"),
        ("object_goal", {"referred": 5}, "list of names"),
        ("object_goal", {"refered": ["blue_sofa"]}, "no field 'refered'"),
        ("object_goal", {"referred": [["blue_sofa"]]}, "list of names"),
        ("object_goal", {}, "cannot ask for"),
        ("object_goal", {"referred": ["kitchen"]}, "cannot ask for"),
        ("room_goal", {"referred": ["study"]}, "holds at the start"),
        ("relational", {"referred": ["blue_sofa"], "relation": "above"}, "cannot ask for"),
        ("point_goal", {"place_m": [6.0]}, "is no goal"),
        ("point_goal", {}, "cannot ask for"),
        ("point_goal", {"place_m": [0.4, 6.5]}, "'blue_sofa' is there"),
        ("point_goal", {"place_m": [50.0, 6.5]}, "the outside is there"),
        ("point_goal", {"place_m": [math.nan, 6.5]}, "does not fit"),
        ("route_following", {"steps": [{"action": "leave"}]}, "cannot ask for"),
        (
            "route_following",
            {"steps": [{"action": "pass", "landmark": "red_bx"}]},
            "unknown landmark 'red_bx'. Did you mean 'red_box'",
        ),
    ],
)
def test_a_goal_that_cannot_be_asked_for_is_refused(task: str, goal: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        started(task, SCENE, goal=goal)


def test_twins_cannot_be_told_apart() -> None:
    box = replace(HOME.furniture[0], name="red_box_b", centre_m=(7.0, 0.5), room=STUDY)
    twice = replace(box, name="red_box_c", centre_m=(7.5, 0.5))
    home = replace(HOME, furniture=(*HOME.furniture, box, twice))
    with pytest.raises(ValueError, match="'red_box_b' cannot be told from the other things"):
        started("object_goal", RoomScene(home, SCENE.start), goal={"referred": ["red_box_b"]})


def test_the_tabletop_has_no_such_option() -> None:
    from handeye.envs.tabletop.env import TabletopEnv

    with pytest.raises(ValueError, match="options of the suite"):
        TabletopEnv("reach", cameras=()).reset(seed=1, options={"scene": SCENE})


def test_goals_are_of_the_scene_and_not_more_than_a_drawn_scene_has() -> None:
    task = ROOMS.make_task("count_things")
    goals = given_goals(SCENE, task, None, np.random.default_rng(0))
    assert 1 < len(goals) <= 12
    assert all(task.worth_asking(SCENE, goal) for goal in goals)
