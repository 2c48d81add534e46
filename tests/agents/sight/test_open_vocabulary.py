"""Models that the user has, with tiny ones that know nothing: the plumbing, not the sight."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import (
    BertTokenizer,
    CLIPTokenizer,
    GroundingDinoConfig,
    GroundingDinoForObjectDetection,
    GroundingDinoProcessor,
    OwlViTConfig,
    OwlViTForObjectDetection,
    OwlViTProcessor,
    SamConfig,
    SamModel,
    SamProcessor,
)
from transformers.models.grounding_dino.image_processing_pil_grounding_dino import (
    GroundingDinoImageProcessorPil,
)
from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil
from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

from handeye.agents.core.conversation import Reply
from handeye.agents.language_models.language_model import Abilities
from handeye.agents.sight.open_vocabulary import (
    OpenPerception,
    PixelBox,
    SeeingModel,
    Segmenter,
    ZeroShotDetector,
)
from tests.agents.builders import ToldModel

PX = 32
SEEN = {"rgb_front": np.random.default_rng(0).integers(0, 255, (PX, PX, 3), np.uint8)}


@pytest.fixture(scope="module")
def owl(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("owl")
    letters = [*"abcdefghijklmnopqrstuvwxyz.", *(f"{c}</w>" for c in "abcdefghijklmnopqrstuvwxyz.")]
    words = ["<|startoftext|>", "<|endoftext|>", *letters]
    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    text = {
        "vocab_size": len(words), "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "max_position_embeddings": 16, "bos_token_id": 0,
        "eos_token_id": 1, "pad_token_id": 1,
    }  # fmt: skip
    vision = {
        "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": PX, "patch_size": 8,
    }  # fmt: skip
    torch.manual_seed(0)
    config = OwlViTConfig(text_config=text, vision_config=vision, projection_dim=8)
    OwlViTForObjectDetection(config).save_pretrained(folder)
    images = OwlViTImageProcessorPil(size={"height": PX, "width": PX})
    OwlViTProcessor(images, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dino")
    letters = "abcdefghijklmnopqrstuvwxyz."
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words = [*marks, *letters, *(f"##{letter}" for letter in letters)]
    (folder / "vocab.txt").write_text("\n".join(words))
    tokenizer = BertTokenizer.from_pretrained(folder)
    text = {
        "model_type": "bert", "vocab_size": len(words), "hidden_size": 16, "intermediate_size": 16,
        "num_hidden_layers": 1, "num_attention_heads": 2, "max_position_embeddings": 64,
    }  # fmt: skip
    backbone = {
        "model_type": "swin", "image_size": PX, "patch_size": 4, "embed_dim": 8,
        "depths": [1, 1, 1], "num_heads": [1, 1, 2], "window_size": 2,
        "out_features": ["stage1", "stage2", "stage3"],
    }  # fmt: skip
    config = GroundingDinoConfig(
        text_config=text, backbone_config=backbone, d_model=32, encoder_layers=1, decoder_layers=2,
        encoder_ffn_dim=16, decoder_ffn_dim=16, encoder_attention_heads=2,
        decoder_attention_heads=2, num_queries=8, num_feature_levels=3, max_text_len=64,
    )  # fmt: skip
    torch.manual_seed(0)
    GroundingDinoForObjectDetection(config).save_pretrained(folder)
    images = GroundingDinoImageProcessorPil(size={"height": PX, "width": PX})
    GroundingDinoProcessor(images, tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sam")
    vision = {
        "hidden_size": 8, "output_channels": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": PX, "patch_size": 8, "window_size": 2, "global_attn_indexes": [0],
        "mlp_dim": 8, "num_pos_feats": 4,
    }  # fmt: skip
    prompt = {"hidden_size": 8, "image_size": PX, "patch_size": 8, "mask_input_channels": 4}
    mask = {
        "hidden_size": 8, "mlp_dim": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
        "iou_head_hidden_dim": 8,
    }  # fmt: skip
    torch.manual_seed(0)
    config = SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=mask)
    SamModel(config).save_pretrained(folder)
    images = SamImageProcessorPil(size={"longest_edge": PX}, pad_size={"height": PX, "width": PX})
    SamProcessor(images).save_pretrained(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["owl", "dino"])
def test_a_detector_of_a_folder_finds_boxes(kind: str, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(kind)
    perception = OpenPerception(ZeroShotDetector(folder, least_score=-1.0))
    found = perception.detect("red block", SEEN, "front")
    assert found
    assert [d.score for d in found] == sorted((d.score for d in found), reverse=True)
    for detection in found:
        left, top, right, bottom = detection.box
        assert detection.name == "red block"
        assert detection.mask.sum() == (right - left) * (bottom - top)
    assert perception.ask("is it red", SEEN, "front").score == 0.0
    assert "no model" in perception.caption(SEEN, "front")


def test_a_segmenter_of_a_folder_cuts_masks_out_of_boxes(sam: Path) -> None:
    mask = Segmenter(sam).mask(PixelBox(4, 4, 20, 20, 1.0), SEEN["rgb_front"])
    assert mask.shape == (PX, PX)
    assert mask.dtype == np.bool_


def seeing(*texts: str) -> tuple[OpenPerception, ToldModel]:
    model = ToldModel(*(Reply(text) for text in texts))
    return OpenPerception(seeing=SeeingModel(model)), model


def test_a_model_that_sees_answers_finds_and_describes() -> None:
    perception, model = seeing('{"boxes": [[0, 500, 250, 1000]]}', "Yes, it is.", "A red block.")
    (found,) = perception.detect("red block", SEEN, "front")
    assert found.box == (0, PX // 2, PX // 4, PX)
    assert perception.ask("The block is red.", SEEN, "front").text == "yes"
    assert perception.caption(SEEN, "front") == "A red block."
    assert all(not isinstance(asked[0].parts[0], str) for asked in model.asked)


@pytest.mark.parametrize(
    "text",
    ["", "I see none", "[]", '{"boxes": 3}', '{"boxes": [[1, 2]]}', '{"boxes": [["a", 0, 1, 2]]}',
     '{"boxes": [[900, 0, 100, 1000]]}', '{"boxes": [[1e999, 0, 1, 1]]}'],
)  # fmt: skip
def test_what_are_no_boxes_finds_nothing(text: str) -> None:
    perception, _ = seeing(text, "")
    assert perception.detect("red block", SEEN, "front") == []
    assert perception.ask("why", SEEN, "front").score == 0.0


def test_what_cannot_see_is_refused(tmp_path: Path) -> None:
    class Blind(ToldModel):
        abilities = Abilities(tools=True)

    with pytest.raises(ValueError, match="sees no images"):
        SeeingModel(Blind())
    with pytest.raises(ValueError, match="detector's folder"):
        OpenPerception()
    for kind in (ZeroShotDetector, Segmenter):
        with pytest.raises(ValueError, match="save_pretrained"):
            kind(tmp_path)
