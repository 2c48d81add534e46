"""The eyes of a room policy, untrained and small, as sight for tools."""

import numpy as np
import pytest

from handeye.agents.sight.learned_rooms_perception import RoomEyesPerception
from handeye.agents.sight.rooms_words import RoomWords
from handeye.perception.encoders.text import SPECIALS
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.policies.modular.model import RoomPolicy, room_nano
from handeye.policies.modular.processor import RoomPolicyProcessor
from handeye.policies.modular.runner import RoomPolicyRunner

SIDE = 128


@pytest.fixture(scope="module")
def eyes() -> RoomEyesPerception:
    sizes = {"eye_stem": 8, "eye_width": 16, "eye_blocks": 1, "width": 16, "heads": 2}
    names = {"kinds": ["box", "sign"], "colours": ["red", "blue"], "rooms": ["study"]}
    model = RoomPolicy(room_nano(vocabulary=8, ordinals=["first"], **sizes, **names))
    runner = RoomPolicyRunner(model, RoomPolicyProcessor([*SPECIALS, "go"]))
    words = RoomWords({"box": "box"}, {}, {"study": "study"})
    return RoomEyesPerception(runner, words, {"box": (0.4, 0.5)})


OBSERVATION = {
    "rgb_ego": np.zeros((SIDE, SIDE, 3), np.uint8),
    "depth_ego": np.full((SIDE, SIDE), 2.0, np.float32),
    "proprio": np.array([0, 0, 1, 0, 0, 0], np.float32),
}


def test_a_frame_becomes_odds_of_looks_and_rooms(eyes: RoomEyesPerception) -> None:
    sight = eyes.see(OBSERVATION)
    assert (eyes.kinds, eyes.rooms) == (("box", "sign"), ("study",))
    assert sight.rooms.shape == (SIDE // 4, SIDE // 4, 1)
    assert sight.things == []
    assert sight.looks is not None
    assert sight.looks.shape == (SIDE // 4, SIDE // 4, 2 + 2)
    kinds, colours = sight.looks[..., :2].sum(-1), sight.looks[..., 2:].sum(-1)
    np.testing.assert_allclose(kinds, colours, atol=1e-5)  # a thing has a kind and a colour
    assert (kinds <= 1).all()
    np.testing.assert_allclose(eyes.sizes_m, [(0.4, 0.5), (np.nan, np.nan)])
    assert all(isinstance(text, str) for text in eyes.read(OBSERVATION, EgoPose(0, 0, 0)))


def test_damaged_weights_are_told(
    eyes: RoomEyesPerception, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = [odds * np.nan for odds in eyes._odds(OBSERVATION)]
    monkeypatch.setattr(eyes, "_odds", lambda observation: damaged)
    with pytest.raises(ValueError, match="see NaN: its weights are damaged"):
        eyes.see(OBSERVATION)
