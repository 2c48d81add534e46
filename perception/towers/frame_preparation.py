"""What a pretrained vision tower wants done to frames, read from its folder and done in torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import torch
import torch.nn.functional as F
from torch import Tensor

from handeye.base.json_reader import read_json

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
FILTERS = {2: "bilinear", 3: "bicubic"}  # Pillow's numbers
CONVNEXT_WHOLE_PX = 384  # from this side on ConvNeXt's processor cuts no border


class ProcessorFile(TypedDict, total=False):
    """What is read of `preprocessor_config.json`; a field may be absent."""

    do_resize: bool | None
    size: int | dict[str, Any]
    resample: int
    do_center_crop: bool | None
    crop_size: int | dict[str, Any] | None
    crop_pct: float | None
    do_rescale: bool | None
    rescale_factor: float
    do_normalize: bool | None
    image_mean: list[float]
    image_std: list[float]


class ProcessorsFile(TypedDict, total=False):
    """What is read of `processor_config.json`."""

    image_processor: ProcessorFile


@dataclass(frozen=True)
class FramePreparation:
    """Resize, cut the centre, normalise: frames in [0, 1] -> pixel values of a tower.

    Attributes:
        resize_px: side after resizing; None: frames keep their side.
        crop_px: side of the centre that is kept; None: all is kept.
        mean: of each colour, subtracted.
        std: of each colour, divided by.
        filter_name: "bilinear" or "bicubic", antialiased as Pillow's are.
        scale: the largest value before the mean is subtracted.
    """

    resize_px: int | None = 224
    crop_px: int | None = None
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    filter_name: str = "bilinear"
    scale: float = 1.0

    @classmethod
    def read(cls, folder: Path, px: int, crop: bool) -> "FramePreparation":
        """The preparation that a folder's processor describes.

        Args:
            folder: with `preprocessor_config.json`, or `processor_config.json` that holds one.
            px: side for a folder with neither; its mean and std are then ImageNet's.
            crop: cut the border where the processor does. Without it the whole frame is resized
                to the side that the tower takes, so that its cells tile the whole frame.

        Raises:
            ValueError: the folder asks for something that frames cannot be given.
        """
        told = _processor_of(folder)
        if not told:
            return cls(resize_px=px)
        resize, kept = _sides(told, folder)
        if not crop and kept is not None:
            resize, kept = kept, None
        resample = told.get("resample", 2)
        if resample not in FILTERS:
            raise ValueError(
                f"{folder} resizes by Pillow's filter {resample}; bilinear (2) and bicubic (3) are "
                "known: set one of them in its preprocessor_config.json"
            )
        normalises = told.get("do_normalize", True)
        rescales = told.get("do_rescale", True)
        return cls(
            resize,
            kept,
            tuple(told.get("image_mean", IMAGENET_MEAN)) if normalises else (0.0,) * 3,
            tuple(told.get("image_std", IMAGENET_STD)) if normalises else (1.0,) * 3,
            FILTERS[resample],
            255.0 * (told.get("rescale_factor", 1 / 255) if rescales else 1.0),
        )

    def __call__(self, frames: Tensor) -> Tensor:
        """Frames (B, 3, px, px) in [0, 1] -> pixel values (B, 3, side, side)."""
        side = self.resize_px or frames.shape[-1]
        if side != frames.shape[-1]:
            # One axis after the other, clipped in between as in Pillow: bicubic weights overshoot.
            for size in ((frames.shape[-1], side), (side, side)):
                frames = F.interpolate(
                    frames, size, mode=self.filter_name, antialias=True, align_corners=False
                ).clamp(0.0, 1.0)
        if self.crop_px is not None:
            start = (side - self.crop_px) // 2
            end = start + self.crop_px
            frames = frames[..., start:end, start:end]
        mean, std = (torch.tensor(v, device=frames.device) for v in (self.mean, self.std))
        return (frames * self.scale - mean[:, None, None]) / std[:, None, None]


def _processor_of(folder: Path) -> ProcessorFile:
    """What the folder says of its image processor; empty where it says nothing."""
    if (folder / "preprocessor_config.json").is_file():
        return read_json(folder / "preprocessor_config.json", ProcessorFile)
    if (folder / "processor_config.json").is_file():
        whole = read_json(folder / "processor_config.json", ProcessorsFile)
        return whole.get("image_processor", {})
    return {}


def _sides(told: ProcessorFile, folder: Path) -> tuple[int | None, int | None]:
    """Sides in pixels after resizing and after the cut, for square frames."""
    size = _side(told.get("size", 224), folder) if told.get("do_resize", True) else None
    crop = None
    if told.get("do_center_crop", False):
        crop = _side(told.get("crop_size", 224), folder)
    share = told.get("crop_pct")
    if size is not None and share and size < CONVNEXT_WHOLE_PX:
        size, crop = int(size / share), size
    if size is not None and crop is not None and crop > size:
        raise ValueError(f"{folder} cuts {crop} px out of {size} px; make crop_size the smaller")
    return size, crop


def _side(size: Any, folder: Path) -> int:
    """A side in pixels, from 224, {"shortest_edge": 224} or {"height": 224, "width": 224}."""
    given = size.values() if isinstance(size, Mapping) else [size]
    sides = {value for value in given if value is not None}
    if isinstance(size, Mapping) and "shortest_edge" in size:
        sides = {size["shortest_edge"]}
    if len(sides) != 1 or not all(isinstance(side, int) and side > 0 for side in sides):
        raise ValueError(f"{folder} takes frames of size {size}; only square ones are drawn here")
    return int(sides.pop())
