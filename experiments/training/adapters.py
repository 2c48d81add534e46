"""Low-rank adapters: a large language model learns by a few small matrices beside its own.

A linear layer y = W x becomes

    y = W x + (alpha / R) B A x,   A (R, in), B (out, R), alpha = 2 R, B = 0 at first

(Hu et al. 2021, arXiv:2106.09685, section 4.1). W and everything else of the language model stay as
they are. What is saved has W + (alpha / R) B A in place of W, so it loads as any other policy.
"""

import copy
from typing import Any

from torch import nn

ALPHA = 2  # of each unit of rank


def add_adapters(model: Any, rank: int) -> None:
    """Put adapters beside all linear layers of a language model, of which the rest freezes.

    Args:
        model: a `FamilyPolicy`.
        rank: R, of the adapters, at least 1.

    Raises:
        ValueError: the family has no language model.
        ModuleNotFoundError: peft is not installed.
    """
    trunk = getattr(model.family, "language", None)
    if trunk is None:
        raise ValueError(
            f"--lora {rank} adapts a language model, and {model.config.family} has none; "
            "leave --lora out, or give a family such as llava"
        )
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "--lora needs peft; install it by pip install 'handeye[lora]'"
        ) from error
    trunk.requires_grad_(False)
    inner = [name for name, part in trunk.model.named_modules() if isinstance(part, nn.Linear)]
    settings = LoraConfig(r=rank, lora_alpha=ALPHA * rank, target_modules=inner)
    inject_adapter_in_model(settings, trunk.model)


def without_adapters(model: Any) -> Any:
    """Return a copy of a model in which each adapter is a part of the layer that it stood beside.

    A model that has none is returned as it is.
    """
    if not any(hasattr(part, "lora_A") for part in model.modules()):
        return model
    plain = copy.deepcopy(model)
    for name, part in list(plain.named_modules()):
        if hasattr(part, "lora_A"):
            part.merge()
            plain.set_submodule(name, part.get_base_layer())
    return plain
