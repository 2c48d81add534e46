"""The eyes of a room policy, untrained and small, as sight for tools."""

import numpy as np
import pytest

from handeye.agents.rooms_eyes import RoomEyesPerception, _patches
from handeye.agents.rooms_words import RoomWords
from handeye.perception.ego_camera import EgoPose
from handeye.perception.text_encoders import SPECIALS
from handeye.policies.room_policy import RoomPolicy, room_nano
from handeye.policies.room_policy_processor import RoomPolicyProcessor
from handeye.policies.room_policy_runner import RoomPolicyRunner

SIDE = 128


@pytest.fixture(scope="module")
def eyes() -> RoomEyesPerception:
    sizes = {"eye_stem": 8, "eye_width": 16, "eye_blocks": 1, "width": 16, "heads": 2}
    names = {"kinds": ["box", "sign"], "colours": ["red", "blue"], "rooms": ["study"]}
    model = RoomPolicy(room_nano(vocabulary=8, ordinals=["first"], **sizes, **names))
    runner = RoomPolicyRunner(model, RoomPolicyProcessor([*SPECIALS, "go"]))
    return RoomEyesPerception(runner, RoomWords({"box": "box"}, {}, {"study": "study"}))


def test_a_frame_becomes_things_and_rooms(eyes: RoomEyesPerception) -> None:
    observation = {
        "rgb_ego": np.zeros((SIDE, SIDE, 3), np.uint8),
        "depth_ego": np.full((SIDE, SIDE), 2.0, np.float32),
        "proprio": np.array([0, 0, 1, 0, 0, 0], np.float32),
    }
    sight = eyes.see(observation)
    assert (eyes.kinds, eyes.rooms) == (("box", "sign"), ("study",))
    assert sight.rooms.shape == (SIDE // 4, SIDE // 4, 1)
    for thing in sight.things:
        assert thing.mask.shape == (SIDE, SIDE)
        assert (len(thing.kinds), len(thing.colours)) == (2, 2)
    assert all(isinstance(text, str) for text in eyes.read(observation, EgoPose(0, 0, 0)))


def test_patches_are_apart_by_kind_colour_and_place() -> None:
    kinds, colours = np.zeros((3, 4, 9), np.float32), np.zeros((3, 4, 9), np.float32)
    kinds[0] = colours[0] = 0.5
    for columns, kind, colour in ((slice(0, 2), 1, 1), (slice(3, 5), 1, 1), (slice(5, 7), 1, 2)):
        kinds[kind, :, columns], colours[colour, :, columns] = 0.9, 0.9
    kinds[2, 0, 8] = 0.9  # too small
    found = list(_patches(kinds, colours))
    assert [int(thing.mask.sum()) for thing in found] == [8 * 16, 8 * 16, 8 * 16]
    assert [int(thing.colours.argmax()) for thing in found] == [0, 0, 1]
    assert all(thing.kinds[0] == pytest.approx(0.9) for thing in found)
