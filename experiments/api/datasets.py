"""Recorded episodes for training elsewhere."""

from collections.abc import Sequence
from pathlib import Path

from handeye.experiments.data.recorded_dataset import RecordedDataset


def load_dataset(
    folder: str | Path,
    *,
    cameras: Sequence[str] | None = None,
    image_size_px: int = 128,
    depth: bool = False,
) -> RecordedDataset:
    """Return a `torch.utils.data.Dataset` over every state of recorded episodes.

    Frames are drawn when an item is asked for. See `RecordedDataset` for what an item holds; it
    works with a `DataLoader` and any number of its workers.

    Args:
        folder: that `handeye collect` made.
        cameras: whose frames an item has; None for all that policies see, () for none.
        image_size_px: height and width of the frames.
        depth: add depth frames.

    Raises:
        FileNotFoundError: there is no dataset in the folder.
        ValueError: it is empty, mixed or damaged, or there is no such camera.
    """
    return RecordedDataset(Path(folder), cameras=cameras, image_size_px=image_size_px, depth=depth)
