"""A certificate holds for what the recorder made, and names every leak that is put in."""

from dataclasses import replace
from pathlib import Path

import pytest

from handeye.envs.core.episode_file import episode_path
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.episode import Episode
from handeye.envs.tabletop.long.registry import HELD_OUT_KINDS
from handeye.envs.tabletop.tasks import TASKS
from handeye.envs.tabletop.world.scene import Scene
from handeye.envs.tabletop.world.synonyms import TABLE_SYNONYMS
from handeye.experiments.audit.certificate import (
    Facts,
    certificate_findings,
    certify,
    facts_of_test,
    proofs_of,
)
from handeye.experiments.records.run_folder import write_bytes_atomic, write_json_atomic
from tests.experiments.recordings import recordings

SETTINGS = {"suite": "tabletop-core", "split": "seen", "seed": 1}


def dataset(root: Path, *episodes: Episode) -> Path:
    write_json_atomic(root / "dataset.json", {"format": "handeye-dataset-1", "settings": SETTINGS})
    for number, episode in enumerate(episodes):
        write_bytes_atomic(episode_path(root, number), episode.to_bytes())
    return root


def leaks(root: Path, split: str) -> str:
    found = certificate_findings(certify(root, "tabletop-core", split, 1))
    return " ".join(f.words for f in found if f.verdict == "fail")


@pytest.mark.parametrize("split", ["seen", "combination", "phrasing", "synonym"])
def test_what_the_recorder_makes_is_clean(tmp_path: Path, split: str) -> None:
    certificate = certify(dataset(tmp_path, *recordings()), "tabletop-core", split, 1)
    assert certificate.holds
    assert certificate.episodes == 3
    assert certificate.tests == len(TASKS)
    assert len(certificate.proofs) == (2 if split == "seen" else 3)


def test_a_test_scene_in_training_is_found_whatever_its_seed(tmp_path: Path) -> None:
    env = TabletopEnv("put_in", split="combination", cameras=())
    env.sample_episode(seed=1_000_000)
    copied = replace(recordings()[0], scene=env.scene)
    told = leaks(dataset(tmp_path, copied), "combination")
    assert "stands as put_in/1000000" in told
    assert "shows a" in told  # The scene holds a pair that is held out.


def test_seeds_and_pairs_that_are_held_out_are_found(tmp_path: Path) -> None:
    first, second, _ = recordings()
    orange = replace(first.scene.objects[0], kind="block", colour="orange", size="small")
    scene = Scene((orange, *first.scene.objects[1:]))
    told = leaks(
        dataset(tmp_path, replace(first, scene=scene), replace(second, seed=900_001)), "combination"
    )
    assert "shows a orange block" in told
    assert "has seed 900001" in told


def test_a_sentence_worded_as_the_split_words_them_is_found(tmp_path: Path) -> None:
    first = recordings()[0]
    said = TASKS["reach"].held_out_templates[0].replace("{a}", "the red block")
    goals = (replace(first.goals[0], instructions=(said,)), *first.goals[1:])
    assert said in leaks(dataset(tmp_path, replace(first, goals=goals)), "phrasing")


def test_a_word_that_stands_in_for_a_trained_one_is_found(tmp_path: Path) -> None:
    first = recordings()[0]
    said = TABLE_SYNONYMS.replaced(first.goals[0].instructions[0])
    goals = (replace(first.goals[0], instructions=(said,)), *first.goals[1:])
    (word, *_) = sorted(TABLE_SYNONYMS.words & set(said.split()))
    told = leaks(dataset(tmp_path / "leaking", replace(first, goals=goals)), "synonym")
    assert f"says “{word}”" in told
    assert not leaks(dataset(tmp_path / "clean", *recordings()), "synonym")


def apartment_facts(suite: str, split: str) -> list[Facts]:
    return list(facts_of_test(suite, split, 1))


def test_what_apartments_hold_out_is_found_and_nothing_where_nothing_is() -> None:
    seen, unseen = (apartment_facts("room_goal", split) for split in ("seen", "unseen"))
    plans, pairs = proofs_of("room_goal", "unseen")
    assert plans(seen, unseen).holds
    assert "has the floor plan of" in " ".join(plans(unseen, unseen).leaks)
    assert pairs(seen, unseen).holds
    (starts,) = proofs_of("patrol", "combination")
    trained, held_out = (apartment_facts("patrol", s) for s in ("seen", "combination"))
    assert starts(trained, held_out).holds
    assert "begins patrol in a room held out" in " ".join(starts(held_out, held_out).leaks)


def test_a_split_that_only_adds_is_said_to_be_open(tmp_path: Path) -> None:
    found = certificate_findings(
        certify(dataset(tmp_path, *recordings()), "tabletop-core", "distractors", 1)
    )
    assert [f.verdict for f in found] == ["pass", "pass", "open"]


def test_a_kind_that_is_held_out_is_found(tmp_path: Path) -> None:
    kind = min(HELD_OUT_KINDS)
    first = recordings()[0]
    long = replace(first, task="sort", goals=(replace(first.goals[0], relation=kind),))
    found = certificate_findings(certify(dataset(tmp_path, long), "tabletop-long", "kind", 1))
    assert [f.verdict for f in found] == ["pass", "pass", "fail"]
    assert kind in found[-1].words


def test_who_does_not_say_where_it_comes_from_gets_no_certificate(tmp_path: Path) -> None:
    episode = replace(recordings()[0], meta={})
    with pytest.raises(ValueError, match="no commit in its provenance"):
        certify(dataset(tmp_path, episode), "tabletop-core", "seen", 1)
    write_json_atomic(tmp_path / "dataset.json", {"format": "handeye-dataset-1", "settings": {}})
    with pytest.raises(ValueError, match=r"does not say of which suite.*tabletop-core, split seen"):
        certify(tmp_path, "tabletop-core", "seen", 1)
