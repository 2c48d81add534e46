"""All connectors by name; a new one is a file and a line."""

from collections.abc import Callable

from torch import nn

from handeye.base.names import look_up
from handeye.perception.connectors.linear import Linear
from handeye.perception.connectors.mlp import Mlp
from handeye.perception.connectors.pixel_shuffle import PixelShuffle
from handeye.perception.connectors.q_former import QFormer
from handeye.perception.connectors.resampler import Resampler
from handeye.perception.connectors.token_learner import TokenLearner

CONNECTORS: dict[str, Callable[[int, int, int, int], nn.Module]] = {
    "linear": Linear,
    "mlp": Mlp,
    "pixel_shuffle": PixelShuffle,
    "q_former": QFormer,
    "resampler": Resampler,
    "token_learner": TokenLearner,
}


def make_connector(name: str, in_width: int, width: int, in_tokens: int, tokens: int) -> nn.Module:
    """Make a connector from (B, in_tokens, in_width) to (B, tokens, width).

    Raises:
        UnknownName: no connector has this name.
        ValueError: a grid of `in_tokens` cannot become `tokens` in this way.
    """
    return look_up("connector", name, CONNECTORS)(in_width, width, in_tokens, tokens)
