"""What a dataset says about itself: `dataset.json` in its folder."""

from pathlib import Path
from typing import Any, TypedDict

from handeye.base.json_reader import check_format, check_shape, read_json

DATASET_FORMAT = "handeye-dataset-1"
REMEDY = "Collect the episodes anew with this version, into another folder."


class DatasetInfo(TypedDict):
    """`dataset.json`, as far as it is read."""

    format: str
    settings: dict[str, Any]


def read_dataset(root: Path) -> dict[str, Any]:
    """Return what `handeye collect` wrote about a dataset, a `DatasetInfo` and more.

    Raises:
        FileNotFoundError: there is no dataset.
        JsonError: it is of another version, or damaged.
    """
    path = root / "dataset.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"{root} holds no dataset. Make one: handeye collect --output_dir {root}"
        )
    data = read_json(path, dict[str, Any])
    check_format(data, DATASET_FORMAT, path, REMEDY)
    check_shape(data, DatasetInfo, str(path))
    return data
