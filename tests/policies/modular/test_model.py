"""The policy of the suite `rooms` as a model, a processor and a runner."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoProcessor

from handeye.experiments.actors.load_policy import open_policy
from handeye.experiments.data.rooms_dataset import fitted_room_config
from handeye.experiments.records.checkpoints import save_policy
from handeye.perception.instructions.program_reader import program_tokenizer
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.mapping.room_segmenter import CellLogits, eye_input
from handeye.perception.signs.view import PATCH_COLUMNS, PATCH_ROWS, SignPlace
from handeye.policies.checkpoint_content import write_checksums
from handeye.policies.modular.model import ROOM_PRESETS, RoomPolicy, RoomPolicyConfig
from handeye.policies.modular.processor import RoomPolicyProcessor
from handeye.policies.modular.program_executor import Want
from handeye.policies.modular.runner import RoomPolicyRunner, spot_scores

WORDS = program_tokenizer(["find", "the", "red", "chair", "in", "kitchen", "go", "to"]).words
TINY: dict[str, Any] = {
    "px": 32, "width": 16, "heads": 2, "text_layers": 1, "step_layers": 1,
    "eye_stem": 8, "eye_width": 16, "eye_blocks": 1,
}  # fmt: skip


def tiny_policy() -> RoomPolicy:
    torch.manual_seed(0)
    return RoomPolicy(fitted_room_config(RoomPolicyConfig(**TINY), len(WORDS))).eval()


def processor() -> RoomPolicyProcessor:
    return RoomPolicyProcessor(WORDS, px=32)


def observation(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "rgb_ego": rng.integers(0, 256, (32, 32, 3), dtype=np.uint8),
        "depth_ego": rng.uniform(0.5, 3.0, (32, 32)).astype(np.float32),
        "proprio": np.array([0, 0, 1, 0, 0, 0], np.float32),
    }


@pytest.mark.parametrize(("preset", "millions"), [("nano", 3.0), ("small", 25.0)])
def test_presets_keep_their_size(preset: str, millions: float) -> None:
    with torch.device("meta"):
        model = RoomPolicy(fitted_room_config(ROOM_PRESETS[preset](), 300))
    assert sum(p.numel() for p in model.parameters()) <= millions * 1e6


def test_saved_and_loaded_it_says_the_same(tmp_path: Path) -> None:
    model, ours = tiny_policy(), processor()
    save_policy(tmp_path, model, ours, "card")
    loaded, theirs = AutoModel.from_pretrained(tmp_path), AutoProcessor.from_pretrained(tmp_path)
    assert theirs.words == ours.words
    frames = ours.observe(observation())
    words = torch.from_numpy(ours.instructions.encode_words(["find", "the", "red", "chair"]))[None]
    signs = torch.randn(2, PATCH_ROWS, PATCH_COLUMNS)
    before, after = model(frames, words, signs), loaded.eval()(frames, words, signs)
    for one, other in zip(before.spots, after.spots, strict=True):
        torch.testing.assert_close(one, other)
    torch.testing.assert_close(before.program.sign, after.program.sign)
    torch.testing.assert_close(before.letters, after.letters)
    source = open_policy(str(tmp_path))
    assert source.reads
    assert source.action_mode == "base_discrete"


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    save_policy(tmp_path, tiny_policy(), processor(), "card")
    (tmp_path / "model.safetensors").write_bytes(b"\x08")
    write_checksums(tmp_path)
    with pytest.raises(ValueError, match="damaged or foreign"):
        open_policy(str(tmp_path))
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"no model\.safetensors"):
        open_policy(str(tmp_path))


def test_a_checkpoint_of_before_is_refused_with_a_remedy(tmp_path: Path) -> None:
    save_policy(tmp_path, tiny_policy(), processor(), "card")
    config = json.loads((tmp_path / "config.json").read_text())
    del config["format_version"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    write_checksums(tmp_path)
    with pytest.raises(ValueError, match=r"format 1 and this handeye reads format 2; train it"):
        open_policy(str(tmp_path))


def test_a_sign_that_is_near_is_read_and_a_far_one_is_not() -> None:
    runner = RoomPolicyRunner(tiny_policy(), processor())
    rgb = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    near, far = SignPlace(0.9, 0.0, 1.2, np.pi), SignPlace(5.0, 0.0, 1.2, np.pi)
    letters = runner.read(rgb, near, EgoPose(0.0, 0.0, 0.0))
    assert letters is not None
    assert letters.shape == (PATCH_COLUMNS // 2, 27)
    assert runner.read(rgb, far, EgoPose(0.0, 0.0, 0.0)) is None


def test_the_runner_acts_in_whole_numbers_and_repeats_itself() -> None:
    runner = RoomPolicyRunner(tiny_policy(), processor())
    with pytest.raises(RuntimeError, match="reset"):
        runner.act(observation())
    taken = []
    for _ in range(2):
        runner.reset("find the red chair in the kitchen", 0)
        actions = [runner.act(observation(seed)) for seed in range(5)]
        assert all(a.values.shape == () and a.values.dtype.kind == "i" for a in actions)
        taken.append([int(a.values) for a in actions])
    assert taken[0] == taken[1]
    assert "program" in actions[0].trace


def test_a_blank_instruction_asks_for_nothing() -> None:
    runner = RoomPolicyRunner(tiny_policy(), processor())
    runner.reset("", 0)
    assert runner.program.steps == ()
    assert runner.act(observation()).terminate


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth_ego": None}, "no 'depth_ego'"),
        ({"depth_ego": np.full((32, 32), np.nan, np.float32)}, "sensor has failed"),
        ({"rgb_ego": np.zeros((16, 16, 3), np.uint8)}, "32 x 32"),
        ({"rgb_ego": np.zeros((32, 32, 3), np.float32)}, "uint8"),
    ],
)
def test_wrong_frames_are_refused(change: dict[str, Any], message: str) -> None:
    seen = {**observation(), **change}
    seen = {key: value for key, value in seen.items() if value is not None}
    with pytest.raises(ValueError, match=message):
        processor().observe(seen)


def test_scores_multiply_what_is_said() -> None:
    lists = tiny_policy().config.lists
    sizes = (len(lists.kinds), len(lists.colours), len(lists.rooms))
    kinds, colours, rooms = (torch.zeros(1, size, 2, 2) for size in sizes)
    kinds[0, lists.kinds.index("chair"), 0, 0] = 20.0
    colours[0, lists.colours.index("red"), 0] = 20.0
    scores = spot_scores(
        CellLogits(kinds, colours, rooms),
        [Want("chair", "red"), Want(colour="red")],
        lists,
    )
    assert scores.shape == (2, 2, 2)
    assert scores[0, 0, 0] > 0.99
    assert scores[0, 1, 0] < 0.3  # red, but of any kind
    assert scores[0, 1, 1] > 0.99


def test_near_is_large_and_nothing_is_zero_in_the_eyes_depth() -> None:
    depth = torch.tensor([[[0.0, 0.3], [3.0, 0.1]]])
    frames = eye_input(torch.zeros(1, 2, 2, 3, dtype=torch.uint8), depth)
    torch.testing.assert_close(frames[0, 3], torch.tensor([[0.0, 1.0], [0.1, 1.0]]))
