"""Where models compute: the CPU, a GPU by CUDA, or Apple's by MPS."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

Value = TypeVar("Value")
AUTO, CPU, CUDA, MPS = "auto", "cpu", "cuda", "mps"


def find_device(name: str) -> torch.device:
    """Return a device by its name: "cpu", "cuda", "cuda:1", "mps"; "auto" for the fastest here.

    Raises:
        ValueError: there is no such device; the message names those that there are.
    """
    there = available_devices()
    if name == AUTO:
        return torch.device(there[-1])
    kind, _, number = name.partition(":")
    last = torch.cuda.device_count() if kind == CUDA else 1
    if kind not in there or (number and not (number.isdecimal() and int(number) < last)):
        raise ValueError(
            f"there is no device {name!r} on this machine; give {', '.join((*there, AUTO))}"
        )
    return torch.device(name)


def available_devices() -> tuple[str, ...]:
    """Return the kinds of devices of this machine, the slowest first."""
    found = {CPU: True, MPS: torch.backends.mps.is_available(), CUDA: torch.cuda.is_available()}
    return tuple(name for name, there in found.items() if there)


def moved(value: Value, device: torch.device) -> Value:
    """Return a value whose tensors are on a device: of tuples, lists, dicts and dataclasses all."""
    if device.type == CPU:
        return value
    found: Any = _moved(value, device)
    return found


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, dict):
        return {key: _moved(one, device) for key, one in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_moved(one, device) for one in value))
    if isinstance(value, tuple | list):
        return type(value)(_moved(one, device) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **_moved(parts, device))
    return value
