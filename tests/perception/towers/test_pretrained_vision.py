import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoConfig, LlamaConfig, LlamaForCausalLM

from handeye.perception.towers.frame_preparation import FramePreparation
from handeye.perception.towers.pretrained_vision import (
    PretrainedVision,
    vision_config,
    vision_model,
)
from tests.perception.towers.tiny_checkpoints import SMALL, VISION, bert, save_vision


def pixels(px: int) -> torch.Tensor:
    """A frame of uint8 values, smooth and noisy parts in it, (1, 3, px, px) uint8."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (3, 4, 4), np.uint8).repeat(px // 4, 1).repeat(px // 4, 2)
    noise = rng.integers(0, 256, (3, px, px), np.uint8)
    frame = np.where(np.arange(px) < px // 2, coarse, noise)
    return torch.from_numpy(frame.astype(np.uint8))[None]


@pytest.mark.parametrize("name", VISION)
def test_tokens_are_the_patches_of_the_checkpoint(name: str, tmp_path: Path) -> None:
    save_vision(name, tmp_path)
    tower = PretrainedVision.load(tmp_path)
    patches = tower(torch.rand(2, 3, 64, 64))
    side, width = VISION[name].side, VISION[name].width
    assert (patches.rows, patches.columns) == (side, side)
    assert patches.tokens.shape == (2, side * side, width)
    assert tower.width == width


@pytest.mark.parametrize("name", VISION)
def test_tokens_are_those_of_transformers_itself(name: str, tmp_path: Path) -> None:
    model = save_vision(name, tmp_path)
    model = getattr(model, "vision_model", getattr(model, "vit", model))
    frame = pixels(32 if name != "dinov2" else 36)
    tower = PretrainedVision.load(tmp_path, crop=True)
    values = VISION[name].processor(frame[0].numpy(), return_tensors="pt")["pixel_values"]
    torch.manual_seed(0)
    with torch.no_grad():
        theirs = model(pixel_values=values).last_hidden_state
        ours = tower(frame / 255).tokens
    if theirs.dim() == 4:
        theirs = theirs.flatten(2).transpose(1, 2)
    tolerance = 1e-5 if name != "convnext" else 0.05  # it always resizes, and rounds as it does
    torch.testing.assert_close(ours, theirs[:, -ours.shape[1] :], atol=tolerance, rtol=1e-5)


@pytest.mark.parametrize("px", [24, 32, 64, 100])
@pytest.mark.parametrize("name", ["vit", "swin", "convnext", "dinov2", "clip", "siglip"])
def test_pixels_are_prepared_as_the_processor_does(name: str, px: int, tmp_path: Path) -> None:
    processor = VISION[name].processor
    processor.save_pretrained(tmp_path)
    frame = pixels(px)
    ours = FramePreparation.read(tmp_path, 32, crop=True)
    theirs = processor(frame[0].numpy(), return_tensors="pt")["pixel_values"]
    std = torch.tensor(ours.std)[:, None, None]
    torch.testing.assert_close(ours(frame / 255) * std, theirs * std, atol=2 / 255, rtol=0)


def test_the_whole_frame_is_seen_unless_a_border_is_asked_away(tmp_path: Path) -> None:
    VISION["dinov2"].processor.save_pretrained(tmp_path)
    frame = torch.zeros(1, 3, 72, 72)
    frame[:, :, :, :4] = 1.0  # a stripe at the left border
    whole, cut = (FramePreparation.read(tmp_path, 32, crop=crop) for crop in (False, True))
    assert whole(frame).shape == cut(frame).shape == (1, 3, 32, 32)
    assert whole(frame)[..., 0].mean() > cut(frame)[..., 0].mean() + 1


def test_a_folder_without_a_processor_gets_imagenets_numbers(tmp_path: Path) -> None:
    VISION["vit"].model().save_pretrained(tmp_path)
    tower = PretrainedVision.load(tmp_path)
    assert tower.preparation == FramePreparation(resize_px=32)


def test_a_processor_inside_another_is_found(tmp_path: Path) -> None:
    VISION["clip"].processor.save_pretrained(tmp_path)
    alone = FramePreparation.read(tmp_path, 32, crop=True)
    told = json.loads((tmp_path / "preprocessor_config.json").read_text())
    (tmp_path / "preprocessor_config.json").unlink()
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": told}))
    assert FramePreparation.read(tmp_path, 32, crop=True) == alone


def test_frozen_it_neither_learns_nor_drops_out(tmp_path: Path) -> None:
    save_vision("vit", tmp_path)
    frozen, trained = (PretrainedVision.load(tmp_path, frozen=frozen) for frozen in (True, False))
    frozen.train()
    trained.train()
    assert not frozen.model.training
    assert trained.model.training
    assert not frozen(torch.rand(1, 3, 32, 32)).tokens.requires_grad
    trained(torch.rand(1, 3, 32, 32)).tokens.square().mean().backward()
    assert any(p.grad is not None and p.grad.any() for p in trained.parameters())


@pytest.mark.parametrize("name", ["clip", "dinov2", "convnext"])
def test_weights_that_come_later_make_it_the_same(name: str, tmp_path: Path) -> None:
    save_vision(name, tmp_path)
    loaded = PretrainedVision.load(tmp_path)
    made = vision_model(vision_config(AutoConfig.from_pretrained(tmp_path)))
    again = PretrainedVision(made, loaded.preparation)
    again.load_state_dict(loaded.state_dict())
    frames = torch.rand(1, 3, 32, 32)
    assert torch.equal(again.eval()(frames).tokens, loaded(frames).tokens)


def test_folders_that_hold_no_tower_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no vision tower"):
        PretrainedVision.load(tmp_path)
    bert().save_pretrained(tmp_path / "words")
    with pytest.raises(ValueError, match="'bert', which sees no frames"):
        PretrainedVision.load(tmp_path / "words")
    LlamaForCausalLM(LlamaConfig(vocab_size=8, **SMALL)).save_pretrained(tmp_path / "llama")
    with pytest.raises(ValueError, match="'llama', which sees no frames"):
        PretrainedVision.load(tmp_path / "llama")


def test_an_unknown_model_and_one_with_code_of_its_own_are_refused(tmp_path: Path) -> None:
    told: dict[str, object] = {"model_type": "mine"}
    (tmp_path / "config.json").write_text(json.dumps(told))
    with pytest.raises(ValueError, match="of no known model"):
        PretrainedVision.load(tmp_path)
    told["auto_map"] = {"AutoConfig": "code.Config", "AutoModel": "code.Model"}
    (tmp_path / "config.json").write_text(json.dumps(told))
    (tmp_path / "code.py").write_text("raise SystemExit('code of the folder ran')")
    with pytest.raises(ValueError, match="of no known model"):
        PretrainedVision.load(tmp_path)


def test_pickled_absent_and_misfitting_weights_are_refused(tmp_path: Path) -> None:
    model = save_vision("vit", tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ValueError, match="weights in safetensors"):
        PretrainedVision.load(tmp_path)
    save_vision("vit", tmp_path)
    told = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**told, "num_hidden_layers": 2}))
    with pytest.raises(ValueError, match=r"lacks .* weights"):
        PretrainedVision.load(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({**told, "intermediate_size": 24}))
    with pytest.raises(ValueError, match="cannot be loaded"):
        PretrainedVision.load(tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"resample": 1}, "filter 1"),
        ({"size": {"height": 32, "width": 48}}, "only square ones"),
        ({"do_center_crop": True, "crop_size": 64}, "crop_size the smaller"),
    ],
)
def test_a_preparation_that_frames_cannot_have_is_refused(
    change: dict[str, object], told: str, tmp_path: Path
) -> None:
    VISION["vit"].processor.save_pretrained(tmp_path)
    path = tmp_path / "preprocessor_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=told):
        FramePreparation.read(tmp_path, 32, crop=True)
