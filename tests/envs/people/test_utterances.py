"""The corpus: enough of it, every manner of speaking in both halves, about what is there."""

import itertools
from collections import Counter
from typing import Any

import pytest

from handeye.envs.people.utterances import Utterance, read_utterances
from handeye.envs.suites import world_of
from handeye.experiments.records.seeds import FIRST_SELECTION_SEED

HALVES = ("development", "test")
LEAST: dict[Any, int] = {"tabletop": 200, "rooms": 100}
FIRST_EVALUATION_SEED = 1_000_000


@pytest.mark.parametrize("world", LEAST)
def test_each_half_is_large_and_has_every_manner_and_kind(world: Any) -> None:
    for half in HALVES:
        said = read_utterances(world, half)  # type: ignore[arg-type]
        assert len(said) >= LEAST[world]
        registers, kinds = (Counter(getattr(u, f) for u in said) for f in ("register", "kind"))
        assert all(registers[name] >= 3 for name in ("slang", "typo", "negation", "order"))
        assert all(registers[name] >= 2 for name in ("polite", "terse", "chatty", "child"))
        assert set(kinds) >= {"command", "question", "prohibition", "stop", "smalltalk", "harmful"}
        assert kinds["command"] >= 0.6 * len(said)


def test_no_sentence_is_said_twice_and_seeds_keep_the_halves_apart() -> None:
    said = {half: [u for w in LEAST for u in read_utterances(w, half)] for half in HALVES}  # type: ignore[arg-type]
    both = list(itertools.chain(*said.values()))
    assert len({u.words.lower() for u in both}) == len({u.id for u in both}) == len(both)
    seeds = [u.seed for u in said["development"]]
    assert min(seeds) >= FIRST_SELECTION_SEED
    assert max(seeds) < FIRST_EVALUATION_SEED <= min(u.seed for u in said["test"])


def test_what_is_asked_for_is_told_where_something_is() -> None:
    for world, half in itertools.product(LEAST, HALVES):
        for one in read_utterances(world, half):  # type: ignore[arg-type]
            assert bool(one.conditions) == (one.kind == "command"), one.id
            assert bool(one.answer) == (one.kind == "question"), one.id
            assert not one.clarification or one.kind == "command"


@pytest.mark.heavy
@pytest.mark.parametrize("world", LEAST)
def test_conditions_are_about_things_of_the_scene(world: Any) -> None:
    said = sorted(
        (u for half in HALVES for u in read_utterances(world, half)),  # type: ignore[arg-type]
        key=lambda u: (u.task, u.seed),
    )
    for task, about in itertools.groupby(said, key=lambda u: u.task):
        options = {"split": "unseen"} if world == "rooms" else {}
        env: Any = world_of(task).env(task, cameras=(), **options)
        for seed, each in itertools.groupby(about, key=lambda u: u.seed):
            env.reset(seed=seed)
            known = places(env.unwrapped.scene, world)
            for one in each:
                assert named(one) <= known, one.id
        env.close()


def places(scene: Any, world: str) -> set[str]:
    """Names of what a scene has."""
    if world == "tabletop":
        return {thing.name for thing in scene.objects}
    return {"start", *scene.things, *(room.kind for room in scene.apartment.rooms)}


def named(one: Utterance) -> set[str]:
    """Names that an utterance's conditions use."""
    return {c[key] for c in one.conditions for key in ("item", "target", "place") if key in c}
