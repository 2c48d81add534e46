import pytest
import torch

from handeye.perception.families.family import Exchange
from handeye.perception.losses.total import Counted
from handeye.policies.devices import available_devices, find_device, moved


def test_the_cpu_is_always_there_and_auto_is_one_of_those() -> None:
    assert find_device("cpu") == torch.device("cpu")
    assert find_device("auto").type in available_devices()


@pytest.mark.parametrize("name", ["tpu", "cuda:99", "cpu:1", "", "cuda:x"])
def test_a_device_that_is_not_there_is_told_with_those_that_are(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no device .* give cpu.*auto"):
        find_device(name)


def test_everything_in_a_batch_is_moved_and_nothing_else_changes() -> None:
    ids = torch.zeros(2, 3, dtype=torch.int64)
    batch = {
        "spoken": (Exchange(torch.zeros(2, 1, 3, 4, 4), ids, ids, ids),),
        "counted": [Counted(torch.ones(()), torch.ones(()))],
        "words": "as they are",
        "nothing": None,
    }
    found = moved(batch, torch.device("meta"))
    assert isinstance(found["spoken"][0], Exchange)
    assert found["spoken"][0].frames.device.type == "meta"
    assert found["counted"][0].total.device.type == "meta"  # type: ignore[union-attr]
    assert found["words"] == "as they are"
    assert found["nothing"] is None
    assert moved(batch, torch.device("cpu")) is batch
