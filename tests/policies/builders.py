"""Small policies and observations for tests."""

from typing import Any

import numpy as np
import torch

from handeye.perception.encoders.text import SPECIALS
from handeye.policies.token_policy.config import TokenPolicyConfig
from handeye.policies.token_policy.model import TokenPolicy
from handeye.policies.token_policy.processor import TokenPolicyProcessor

WORDS = (*SPECIALS, "pick", "up", "the", "red", "block", "blue", "bowl", "put", "in")
TINY: dict[str, Any] = {
    "width": 32,
    "heads": 2,
    "layers": 1,
    "text_layers": 1,
    "front_stem": 8,
    "front_width": 16,
    "wrist_stem": 8,
    "wrist_width": 16,
    "vocabulary": len(WORDS),
    "kinds": ["block", "bowl"],
    "colours": ["red", "blue"],
    "relations": ["left"],
}


def tiny_policy(**changes: Any) -> TokenPolicy:
    """An untrained policy of a few thousand weights."""
    torch.manual_seed(0)
    return TokenPolicy(TokenPolicyConfig(**(TINY | changes))).eval()


def processor() -> TokenPolicyProcessor:
    """Its processor."""
    return TokenPolicyProcessor(words=WORDS)


def observation(seed: int = 0) -> dict[str, Any]:
    """Noise in the shape of an observation."""
    rng = np.random.default_rng(seed)
    return {
        "rgb_front": rng.integers(0, 256, (128, 128, 3), dtype=np.uint8),
        "rgb_wrist": rng.integers(0, 256, (128, 128, 3), dtype=np.uint8),
        "proprio": rng.normal(size=14).astype(np.float32),
        "instruction": "pick up the red block",
    }


TINY_HISTORY: dict[str, Any] = {
    "px": 32, "history": 3, "stride": 2, "width": 16, "heads": 2, "layers": 1, "text_layers": 1,
    "stem": 8, "eye_width": 16, "film_blocks": 1, "bins": 8,
}  # fmt: skip
