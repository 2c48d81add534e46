import torch

from handeye.perception.connectors.token_learner import TokenLearner


def test_a_token_is_the_place_that_its_map_points_at() -> None:
    learner = TokenLearner(4, 4, 9, 2)
    torch.nn.init.eye_(learner.project.weight)
    torch.nn.init.zeros_(learner.project.bias)
    seen = torch.randn(1, 9, 4)
    peaks = torch.full((1, 9, 2), -50.0)
    peaks[0, 3, 0] = peaks[0, 8, 1] = 50.0
    learner.maps = torch.nn.Identity()
    learner.maps.forward = lambda _: peaks  # type: ignore[method-assign]
    torch.testing.assert_close(learner(seen), seen[:, [3, 8]])


def test_the_order_of_places_does_not_matter() -> None:
    learner, seen = TokenLearner(4, 8, 9, 3), torch.randn(2, 9, 4)
    torch.testing.assert_close(learner(seen), learner(seen[:, torch.randperm(9)]))
