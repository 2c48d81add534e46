import pytest
import torch

from handeye.base.names import UnknownName
from handeye.perception.connectors.registry import CONNECTORS, make_connector


@pytest.mark.parametrize("name", CONNECTORS)
@pytest.mark.parametrize(("in_tokens", "tokens"), [(16, 4), (16, 16), (36, 9)])
def test_every_connector_keeps_its_promise_and_learns(
    name: str, in_tokens: int, tokens: int
) -> None:
    connector = make_connector(name, 12, 16, in_tokens, tokens)
    frame = torch.randn(2, in_tokens, 12, requires_grad=True)
    out = connector(frame)
    assert out.shape == (2, tokens, 16)
    (out * torch.randn_like(out)).sum().backward()
    assert frame.grad is not None
    assert (frame.grad != 0).any(-1).all()  # every token of the frame counts
    assert all(p.grad is not None for p in connector.parameters())


@pytest.mark.parametrize("name", CONNECTORS)
def test_rows_of_a_batch_do_not_mix(name: str) -> None:
    connector = make_connector(name, 8, 8, 16, 4).eval()
    frames = torch.randn(3, 16, 8)
    torch.testing.assert_close(connector(frames)[1:2], connector(frames[1:2]))


def test_a_wrong_name_is_answered_with_the_right_one() -> None:
    with pytest.raises(UnknownName, match="resampler"):
        make_connector("resampeler", 8, 8, 16, 4)


@pytest.mark.parametrize("name", ["linear", "mlp", "pixel_shuffle"])
def test_a_grid_that_does_not_divide_is_refused_with_those_that_do(name: str) -> None:
    with pytest.raises(ValueError, match="they do into 1, 4, 9, 36"):
        make_connector(name, 8, 8, 36, 16)
    with pytest.raises(ValueError, match="no square grid"):
        make_connector(name, 8, 8, 12, 4)
