"""Towers by name; each is made of its own arguments, given by keyword."""

from collections.abc import Callable

from handeye.perception.towers.convolution import ConvolutionTower
from handeye.perception.towers.divided_attention import DividedVideo
from handeye.perception.towers.efficientnet_lite import EfficientNetLite0
from handeye.perception.towers.patch_vit import PatchViT
from handeye.perception.towers.pretrained_vision import PretrainedVision
from handeye.perception.towers.slow_fast import SlowFast
from handeye.perception.towers.tubelets import TubeletVideo
from handeye.perception.towers.video import VideoTower
from handeye.perception.towers.vision import VisionTower

VISION_TOWERS: dict[str, Callable[..., VisionTower]] = {
    "convolution": ConvolutionTower,
    "efficientnet-lite0": EfficientNetLite0.load,
    "patch-vit": PatchViT,
    "pretrained": PretrainedVision.load,
}

VIDEO_TOWERS: dict[str, Callable[..., VideoTower]] = {
    "divided": DividedVideo,
    "slow-fast": SlowFast,
    "tubelets": TubeletVideo,
}
