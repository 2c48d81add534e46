"""The token policy of the suite `rooms` as a model, a processor and a runner."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from handeye.envs.rooms.apartments.floor import ROOM_KINDS
from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.records.checkpoints import save_policy
from handeye.perception.instructions.program_reader import program_tokenizer
from handeye.policies.history.config import HISTORY_PRESETS, HistoryPolicyConfig
from handeye.policies.history.model import BEARINGS, HistoryPolicy
from handeye.policies.history.processor import HistoryPolicyProcessor
from handeye.policies.history.runner import HistoryPolicyRunner
from tests.policies.builders import TINY_HISTORY

WORDS = program_tokenizer(
    ["drive", "to", "the", "point", "metres", "ahead", "and", "left", "chair", "kitchen"]
).words
POINT = "drive to the point 3.2 metres ahead and 1.5 metres left"


def tiny_policy(**changes: Any) -> HistoryPolicy:
    torch.manual_seed(0)
    names = {"kinds": ["chair", "bed"], "colours": ["red"], "rooms": list(ROOM_KINDS)}
    settings = TINY_HISTORY | names | {"vocabulary": len(WORDS)} | changes
    return HistoryPolicy(HistoryPolicyConfig(**settings)).eval()


def processor() -> HistoryPolicyProcessor:
    return HistoryPolicyProcessor(WORDS, px=32)


def observation(seed: int = 0, px: int = 64) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    yaw = 0.3 * seed
    return {
        "rgb_ego": rng.integers(0, 256, (px, px, 3), dtype=np.uint8),
        "depth_ego": rng.uniform(0.5, 3.0, (px, px)).astype(np.float32),
        "proprio": np.array([0.1 * seed, 0, math.cos(yaw), math.sin(yaw), 0, 1], np.float32),
    }


@pytest.mark.parametrize(("preset", "millions"), [("history-nano", 3.0), ("history-small", 25.0)])
def test_presets_keep_their_size(preset: str, millions: float) -> None:
    with torch.device("meta"):
        model = HistoryPolicy(HISTORY_PRESETS[preset](vocabulary=400))
    assert sum(p.numel() for p in model.parameters()) <= millions * 1e6


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["base_discrete", "base_velocity"])
def test_a_saved_policy_acts_as_before(mode: str, tmp_path: Path) -> None:
    model = tiny_policy(action_mode=mode)
    save_policy(tmp_path, model, processor(), "card")
    source = open_policy(str(tmp_path))
    assert source.reads
    assert source.action_mode == mode
    ours, theirs = HistoryPolicyRunner(model, processor()), source.loaded
    assert theirs is not None
    for runner in (ours, theirs):
        runner.reset(POINT, 0)
    for step in range(7):
        one, other = ours.act(observation(step)), theirs.act(observation(step))
        np.testing.assert_array_equal(one.values, other.values)
        assert one.terminate == other.terminate
        assert one.values.shape == (() if mode == "base_discrete" else (2,))
        assert one.trace["waypoint"].shape == (BEARINGS,)
        assert one.trace["attention"].sum() == pytest.approx(1.0, abs=1e-4)
    if mode == "base_discrete":
        assert 0 <= int(one.values) <= 3


def test_frames_encoded_one_by_one_decide_like_all_at_once() -> None:
    model, ours = tiny_policy(), processor()
    runner = HistoryPolicyRunner(model, ours)
    runner.reset(POINT, 0)
    seen = [ours.observe(observation(step)) for step in range(5)]
    for step in range(5):
        action = runner.act(observation(step))
    spaced = seen[::-1][:: model.config.stride][: model.config.history]
    frames = torch.cat([one["frames"] for one in spaced])
    proprio = torch.cat([one["proprio"] for one in spaced])
    past = torch.full((1, model.config.history), -1)
    past[0, : len(spaced)] = torch.arange(len(spaced))
    with torch.inference_mode():
        of = torch.zeros(len(spaced), dtype=torch.int64)
        output, _, _ = model(frames, **ours.read(POINT), of=of, proprio=proprio, past=past)
    np.testing.assert_allclose(
        action.trace["waypoint"], output.bearing[0].softmax(-1).numpy(), atol=1e-5
    )


def test_what_is_not_remembered_does_not_count() -> None:
    model, ours = tiny_policy(), processor()
    frames = torch.cat([ours.observe(observation(seed))["frames"] for seed in range(3)])
    proprio = torch.cat([ours.observe(observation(seed))["proprio"] for seed in range(3)])
    past, of = torch.tensor([[0, 1, -1]]), torch.zeros(3, dtype=torch.int64)
    outputs = []
    for last in (frames[2], torch.zeros_like(frames[2])):
        frames[2] = last
        outputs.append(model(frames, **ours.read(POINT), of=of, proprio=proprio, past=past)[0])
    torch.testing.assert_close(outputs[0].logits, outputs[1].logits)
    frames[1] = 0.0
    changed = model(frames, **ours.read(POINT), of=of, proprio=proprio, past=past)[0]
    assert not torch.allclose(changed.logits, outputs[0].logits)


def test_numbers_keep_their_values_and_say_where_the_point_lies() -> None:
    model, ours = tiny_policy(), processor()
    read = ours.read(POINT)
    assert sorted(read["numbers_m"].unique().tolist()) == pytest.approx([0.0, 1.5, 3.2])
    with torch.no_grad():
        model.direction.weight.zero_()
        model.direction.bias.copy_(torch.tensor([50.0, 0.0, 0.0, 0.0]))  # all count ahead
    assert model.read(**read).point_m.tolist()[0] == pytest.approx([4.7, 0.0], abs=1e-4)
    assert float(model.read(**ours.read("drive to the chair")).numbers) == 0.0


def test_a_blank_instruction_is_acted_on_and_none_is_not() -> None:
    runner = HistoryPolicyRunner(tiny_policy(), processor())
    with pytest.raises(RuntimeError, match="reset"):
        runner.act(observation())
    runner.reset("", 0)
    runner.act(observation())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth_ego": None}, "no 'depth_ego'"),
        ({"depth_ego": np.full((64, 64), np.nan, np.float32)}, "sensor has failed"),
        ({"rgb_ego": np.zeros((48, 48, 3), np.uint8)}, "32 px or a multiple"),
        ({"rgb_ego": np.zeros((64, 64, 3), np.float32)}, "uint8"),
        ({"proprio": np.full(6, np.nan, np.float32)}, "finite"),
    ],
)
def test_wrong_observations_are_refused(change: dict[str, Any], message: str) -> None:
    seen = {**observation(), **change}
    seen = {key: value for key, value in seen.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        processor().observe(seen)
