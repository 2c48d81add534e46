from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from handeye.envs.core.episode_file import episode_path
from handeye.envs.tabletop.world.language import KIND_WORDS, RELATION_WORDS, SIZE_WORDS
from handeye.experiments.data.config import Augmentation
from handeye.experiments.data.tabletop_dataset import Batch, TabletopTrainingSet
from handeye.experiments.data.training_set import PolicyRequest
from handeye.experiments.labels.frame_labels import RELATIONS
from handeye.experiments.records.checkpoints import save_policy
from handeye.perception.encoders.text import UNKNOWN_ID, InstructionTokenizer
from handeye.policies.token_policy.processor import TokenPolicyProcessor
from tests.experiments.recordings import recordings, write_dataset

PLAIN = Augmentation(jitter=0.0, recolour=0.0, drop_words=0.0, insert_words=0.0, hide_words=0.0)


def training_set(augmentation: Augmentation = PLAIN) -> TabletopTrainingSet:
    return TabletopTrainingSet(recordings(), augmentation)


def draw(data: TabletopTrainingSet, seed: int = 0, size: int = 6) -> Batch:
    words = InstructionTokenizer.train(data.instructions()).words
    return data.draw(np.random.default_rng(seed), TokenPolicyProcessor(words), size)


def test_every_state_counts_once_per_goal() -> None:
    expected = sum(len(e.goals) * len(e.proprio) for e in recordings())
    assert len(training_set()) == expected


@pytest.mark.slow
def test_a_batch_is_a_function_of_its_seed() -> None:
    data = training_set(Augmentation())
    first, again, other = draw(data), draw(data), draw(data, seed=1)
    for name, tensor in first.inputs.items():
        torch.testing.assert_close(tensor, again.inputs[name], rtol=0, atol=0, equal_nan=True)
    for name, tensor in first.targets._asdict().items():
        assert torch.equal(tensor, getattr(again.targets, name))
    assert not torch.equal(first.inputs["front"], other.inputs["front"])


def test_labels_are_the_recorded_ones() -> None:
    data = training_set()
    batch = draw(data, size=20)
    known = torch.from_numpy(np.concatenate([episode.proprio for episode in recordings()]))
    for joints in batch.inputs["proprio"]:
        assert (known == joints).all(1).any()
    assert batch.targets.action_bins.shape == (20, 7)
    assert ((batch.targets.action_bins >= 0) & (batch.targets.action_bins <= 255)).all()


def test_the_grounding_truth_lies_on_an_object_of_the_named_kind() -> None:
    batch = draw(training_set(), size=20)
    targets = batch.targets
    for camera in ("front", "wrist"):
        xy, seen = getattr(targets, f"{camera}_xy"), getattr(targets, f"{camera}_visible")
        kinds = getattr(targets, f"{camera}_kinds")
        assert ((xy >= 0) & (xy <= 1)).all()
        assert kinds.shape == (20, 16, 16)
        hits = [
            kinds[i, int(y * 16), int(x * 16)] > 0
            for i, places in enumerate(xy)
            for j, (x, y) in enumerate(places)
            if seen[i, j]
        ]
        assert np.mean(hits) > 0.7  # a mask's centre may lie in a neighbour's cell


def test_known_words_are_known_and_noise_reaches_the_rest() -> None:
    assert not (draw(training_set(), size=20).inputs["words"] == UNKNOWN_ID).any()
    noisy = training_set(Augmentation(drop_words=0.9))
    assert (draw(noisy, size=20).inputs["words"] == UNKNOWN_ID).any()


def test_driven_episodes_get_their_share() -> None:
    data = training_set()
    before = len(data)
    driven = replace(recordings()[0], proprio=recordings()[0].proprio + 100)
    data.add_driven([driven], share=0.5)
    assert len(data) == before + len(driven.goals) * len(driven.proprio)
    joints = draw(data, size=60).inputs["proprio"]
    assert 0.2 < float((joints > 50).any(1).float().mean()) < 0.8


@pytest.mark.parametrize(
    ("change", "message"),
    [({"seed": 1_000_000}, "belongs to evaluation"), ({"action_mode": "ee_delta"}, "several")],
)
def test_episodes_that_do_not_belong_are_refused(change: dict, message: str) -> None:
    episodes = [*recordings(), replace(recordings()[0], **change)]
    with pytest.raises(ValueError, match=message):
        TabletopTrainingSet(episodes, PLAIN)


def test_an_empty_or_missing_dataset_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        TabletopTrainingSet([], PLAIN)
    with pytest.raises(FileNotFoundError, match="handeye collect"):
        TabletopTrainingSet.load([tmp_path], PLAIN)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = episode_path(write_dataset(tmp_path), 1)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(ValueError, match=path.name):
        TabletopTrainingSet.load([tmp_path], PLAIN)


def test_some_samples_are_told_where_things_are_and_only_things_that_are_referred_to() -> None:
    batch = draw(training_set(), size=60)
    told = ~batch.inputs["places"].isnan().any(-1)
    given = batch.targets.referred_given > 0
    assert not told[~given].any()
    assert 0.3 < told[given].float().mean() < 0.7
    off = (batch.inputs["places"] - batch.targets.referred_xyz)[told]
    assert 0.003 < off.std() < 0.007


def test_aims_and_relations_are_those_of_the_goal() -> None:
    data = training_set()
    batch = draw(data, size=60)
    asked = {("", *RELATIONS).index(goal.relation) for e in recordings() for goal in e.goals}
    assert set(batch.targets.relation.tolist()) <= asked
    first = batch.targets.aims_xyz[:, 0] - batch.targets.referred_xyz[:, 0]
    assert first.norm(dim=-1).max() < 1e-6  # each of these tasks begins at the named object
    both = batch.targets.referred_given[:, 1] > 0
    end = batch.targets.aims_xyz[:, 1] - batch.targets.referred_xyz[:, 1]
    assert end[both][:, :2].norm(dim=-1).max() < 0.01  # in the bowl's middle


def test_wider_words_are_of_the_same_goal_and_their_vocabulary_is_known() -> None:
    usual = training_set()
    wide = training_set(replace(PLAIN, other_words=1.0))
    assert len(wide.instructions()) > 1000 + len(usual.instructions())
    nouns = map(" ".join, (*KIND_WORDS.values(), *SIZE_WORDS.values(), *RELATION_WORDS.values()))
    known = InstructionTokenizer.train([*wide.instructions(), *nouns, "object thing"])
    rng = np.random.default_rng(5)
    for episode in wide.episodes:
        for goal in episode.goals:
            said = [wide._instruction(episode, goal, rng) for _ in range(4)]
            assert len(set(said)) > 1
            assert all(UNKNOWN_ID not in known.encode(words) for words in said)


def test_a_policy_that_starts_from_another_learns_new_words(tmp_path: Path) -> None:
    request = PolicyRequest("nano")
    first = training_set().build(request, 0)
    save_policy(tmp_path, first.model, first.processor, "# card")
    wide = training_set(replace(PLAIN, other_words=1.0))
    second = wide.build(replace(request, start=tmp_path), 0)
    words = first.processor.words
    assert second.processor.words[: len(words)] == words
    assert len(second.processor.words) > len(words) + 100
    told, learned = (made.model.text.word.weight for made in (first, second))
    assert torch.equal(told, learned[: len(words)])
