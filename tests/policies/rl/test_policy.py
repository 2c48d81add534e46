"""RL policies: what the folder must hold, and what the policy does with a model's output."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handeye.envs.tabletop import state_wrapper
from handeye.policies.rl.policy import (
    CARD_FILE,
    MODEL_FILE,
    STATE_KEYS,
    RLCard,
    RLPolicy,
    expand_controls,
    is_rl_folder,
    load_rl_policy,
)

CARD = RLCard("sac", "reach", "ee_delta", (0, 1, 2), 0, 100)


class FixedModel:
    """Always the same output; remembers what it was shown."""

    def predict(self, state: dict[str, Any], deterministic: bool) -> tuple[np.ndarray, None]:
        self.state = state
        assert deterministic
        return np.array([0.5, -0.5, 1.0]), None


class FakeReader:
    """A state reader of one task."""

    def __init__(self, task: str) -> None:
        self.task, self.begun = task, 0

    def begin(self) -> None:
        self.begun += 1

    def observe(self) -> dict[str, np.ndarray]:
        return {key: np.full(3, 7.0) for key in STATE_KEYS}


def test_it_sets_its_controls_and_leaves_the_others() -> None:
    policy = RLPolicy(FixedModel(), CARD)
    policy.reset("reach the red block", 0)
    action = policy.act({key: np.zeros(3) for key in STATE_KEYS})
    np.testing.assert_allclose(action.values, [0.5, -0.5, 1, 0, 0, 0, 1])
    assert action.values.dtype == np.float32
    assert not action.terminate
    assert (policy.policy_id, policy.action_mode) == ("sac-reach", "ee_delta")


def test_both_floors_expand_controls_alike() -> None:
    for controls in ((0, 1, 2), (0, 1, 2, 5, 6)):
        output = np.linspace(-1, 1, len(controls)).astype(np.float32)
        np.testing.assert_array_equal(
            expand_controls(output, controls), state_wrapper.expand_controls(output, controls)
        )


def test_a_reader_of_its_task_replaces_the_observation() -> None:
    model, reader = FixedModel(), FakeReader("reach")
    policy = RLPolicy(model, CARD).reading(reader)
    policy.reset("", 0)
    policy.act({})
    assert reader.begun == 1
    assert model.state["desired_goal"][0] == 7
    with pytest.raises(ValueError, match=r"cannot do 'stack'.*--suite reach"):
        RLPolicy(model, CARD).reading(FakeReader("stack"))


def test_frames_are_no_state() -> None:
    with pytest.raises(ValueError, match="needs the state observation"):
        RLPolicy(FixedModel(), CARD).act({"rgb_front": np.zeros((4, 4, 3))})


def test_the_card_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert not is_rl_folder(tmp_path)
    (tmp_path / CARD_FILE).write_text(CARD.to_json())
    assert is_rl_folder(tmp_path)
    assert RLCard.read(tmp_path) == CARD


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "{}",
        json.dumps({**json.loads(CARD.to_json()), "algorithm": "alchemy"}),
        json.dumps({**json.loads(CARD.to_json()), "surplus": 1}),
        json.dumps({**json.loads(CARD.to_json()), "controls": ["x"]}),
        json.dumps({**json.loads(CARD.to_json()), "steps": 10**400}),
        "[" * 100_000,
    ],
)
def test_a_damaged_card_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CARD_FILE).write_text(text)
    with pytest.raises(ValueError, match=r"rl_policy\.json.*Train anew"):
        load_rl_policy(tmp_path)


def test_a_missing_or_truncated_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / CARD_FILE).write_text(CARD.to_json())
    with pytest.raises(FileNotFoundError, match=r"model\.zip is missing"):
        load_rl_policy(tmp_path)
    (tmp_path / MODEL_FILE).write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(ValueError, match=r"model\.zip cannot be read"):
        load_rl_policy(tmp_path)
