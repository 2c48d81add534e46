import pytest
import torch

from handeye.perception.connectors.grid import window_side, windows
from handeye.perception.connectors.linear import Linear


def test_windows_hold_neighbours_row_by_row() -> None:
    tokens = torch.arange(16.0)[None, :, None]
    assert windows(tokens, 2)[0, :, :, 0].tolist() == [
        [0, 1, 4, 5],
        [2, 3, 6, 7],
        [8, 9, 12, 13],
        [10, 11, 14, 15],
    ]


def test_a_side_of_one_needs_no_square() -> None:
    assert window_side(7, 7) == 1
    assert window_side(64, 16) == 2


def test_tokens_that_are_no_grid_are_refused() -> None:
    with pytest.raises(ValueError, match="no square grid of windows of 2 x 2"):
        windows(torch.zeros(1, 9, 4), 2)


def test_fewer_tokens_of_a_linear_connector_are_means() -> None:
    connector, tokens = Linear(3, 5, 16, 4), torch.randn(1, 16, 3)
    corner = tokens[:, [0, 1, 4, 5]].mean(1)
    torch.testing.assert_close(connector(tokens)[:, 0], connector.project(corner))
