import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from handeye.experiments.traces.planner_examples import PlannerBatch
from handeye.experiments.training.data_parallel import Team
from handeye.experiments.training.learner import Learner, Schedule, usual_optimizers
from handeye.experiments.training.muon import Muon, orthogonal
from handeye.experiments.training.train_planner import score_calls


@pytest.mark.parametrize("shape", [(16, 16), (48, 16), (16, 48)])
def test_singular_values_come_near_one(shape: tuple[int, int]) -> None:
    drawn = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    made = orthogonal(drawn)
    values = torch.linalg.svdvals(made)
    assert made.shape == drawn.shape
    assert values.min() > 0.3
    assert values.max() < 1.3
    left, _, right = torch.linalg.svd(drawn, full_matrices=False)
    closest = left @ right  # the nearest matrix of that kind points the same way
    assert (made * closest).sum() / (made.norm() * closest.norm()) > 0.95


def test_matrices_of_a_shape_are_updated_each_by_its_own_gradient() -> None:
    torch.manual_seed(0)
    together = [torch.nn.Parameter(torch.randn(8, 4)) for _ in range(2)]
    apart = [torch.nn.Parameter(matrix.detach().clone()) for matrix in together]
    both, each = Muon(together, 0.1), [Muon([matrix], 0.1) for matrix in apart]
    for _ in range(3):
        for one, other in zip(together, apart, strict=True):
            one.grad = torch.randn(8, 4)
            other.grad = one.grad.clone()
        both.step()
        for single in each:
            single.step()
    for one, other in zip(together, apart, strict=True):
        torch.testing.assert_close(one, other)


def test_it_solves_a_linear_map_and_decays_what_has_no_gradient_left() -> None:
    torch.manual_seed(0)
    wanted, found = torch.randn(6, 6), torch.nn.Parameter(torch.zeros(6, 6))
    optimizer = Muon([found], 0.1)
    for step in range(200):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 200)
        found.grad = (found - wanted).detach()
        optimizer.step()
    assert (found - wanted).abs().max() < 0.1
    still = torch.nn.Parameter(torch.ones(2, 2))
    still.grad = torch.zeros(2, 2)
    Muon([still], 0.1, weight_decay=0.5).step()
    torch.testing.assert_close(still.detach(), torch.full((2, 2), 0.95))


def test_what_has_no_gradient_stays() -> None:
    matrix = torch.nn.Parameter(torch.ones(2, 2))
    Muon([matrix], 0.1, weight_decay=0.5).step()
    assert bool((matrix == 1).all())


def learner() -> Learner:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1}
    heads = {"num_attention_heads": 1, "num_key_value_heads": 1}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=20, pad_token_id=0, **sizes, **heads))
    return Learner(
        model, Schedule(1e-2, 1, 8), usual_optimizers(model, 1e-2, 0.1, muon_rate=0.02),
        clip_norm=1.0, average_decay=0.9, precision="float32",
        score=score_calls, weights={"calls": 1.0, "read": 0.2},
    )  # fmt: skip


def test_a_learner_goes_on_from_its_state_to_the_same_bits() -> None:
    ids = torch.randint(0, 20, (4, 2, 6), generator=torch.Generator().manual_seed(0))
    batches = [PlannerBatch(rows, rows.roll(-1, 1)) for rows in ids]
    whole, first, rest = learner(), learner(), learner()
    inner = [name for name in whole.names if "layers" in name and "norm" not in name]
    assert len(inner) == 7
    for batch in batches:
        whole.step([batch], Team(0, 1), False)
    for batch in batches[:2]:
        first.step([batch], Team(0, 1), False)
    state = first.state()
    assert not any(f"exp_avg_sq.{name}" in state for name in inner)
    rest.restore(state, 2)
    for batch in batches[2:]:
        rest.step([batch], Team(0, 1), False)
    for name, ours in rest.state().items():
        assert torch.equal(ours, whole.state()[name]), name
