"""Proof from the files that training has not seen what a split tests, or a list of the leaks.

Scenes and words of the test are sampled anew from their seeds; those of training are read from the
recorded episodes. Nothing is simulated or drawn.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.dataset_file import read_dataset
from handeye.envs.core.episode_file import list_episodes
from handeye.envs.rooms.apartments.splits import HELD_OUT_FURNITURE, layout_digest
from handeye.envs.rooms.long import sampling as rooms
from handeye.envs.rooms.long.symbolic_home import home_of
from handeye.envs.rooms.long.task import LongRoomGoal, work_of
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.envs.suites import (
    ROOMS_LONG,
    TABLETOP,
    check_split,
    load_episode,
    make_suite_env,
    world_of,
)
from handeye.envs.tabletop.long import registry as tabletop
from handeye.envs.tabletop.world.palette import HELD_OUT as HELD_OUT_PAIRS
from handeye.experiments.audit.finding import Finding
from handeye.experiments.checks.held_out_words import (
    SLOT,
    held_out_patterns,
    synonym_words,
    training_patterns,
    words_of,
)
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED, FIRST_SELECTION_SEED

MOST_LEAKS = 20  # Listed by name of each sort; the others are counted.
DECIMALS = 4  # Of a scene's metres: to a tenth of a millimetre.


@dataclass(frozen=True)
class Facts:
    """What an episode shows whoever learns from it, or is tested on it.

    Attributes:
        where: file or seed.
        seed: of the episode.
        kind: its task, of a long instruction the kind.
        instructions: its goals in words.
        scene: digest of where everything stands.
        pairs: (kind, colour) of the objects, of furniture and of what hangs on walls.
        plan: digest of an apartment's floor plan; "" of a table.
        held_out_starts: kinds of instruction that begin in a room held out for them.
    """

    where: str
    seed: int
    kind: str
    instructions: tuple[str, ...]
    scene: str
    pairs: frozenset[tuple[str, str]]
    plan: str = ""
    held_out_starts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """One thing that was looked for.

    Attributes:
        question: what must not be.
        compared: how many things with how many.
        leaks: where it is all the same.
    """

    question: str
    compared: str
    leaks: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Return whether nothing was found."""
        return not self.leaks


@dataclass(frozen=True)
class Certificate:
    """What a training set does not contain.

    Attributes:
        dataset: its folder.
        episodes: recorded ones that were read.
        suite, split: of the test.
        tests: episodes of the test.
        proofs: one for each thing that the split holds out.
        provenance: how the dataset was made.
    """

    dataset: str
    episodes: int
    suite: str
    split: str
    tests: int
    proofs: tuple[Proof, ...]
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Return whether every proof does."""
        return all(proof.holds for proof in self.proofs)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"holds": self.holds, **asdict(self)}


def certify(root: Path, suite: str, split: str, episodes: int) -> Certificate:
    """Compare a dataset with the test of a split.

    Args:
        root: the dataset's folder.
        suite: of the test.
        split: of the test.
        episodes: of each task, from the first evaluation seed on.

    Raises:
        FileNotFoundError: there is no dataset.
        ValueError: it has no episode, an episode does not say where it comes from, or the suite
            lacks the split.
    """
    check_split(suite, split)
    made = read_dataset(root)["settings"]
    if not {"suite", "split", "seed"} <= made.keys():
        raise ValueError(
            f"{root}/dataset.json does not say of which suite, split and seeds its episodes are: "
            f"nothing can be certified for {suite}, split {split}; collect the dataset anew"
        )
    trained = [facts_of_file(path) for path in list_episodes(root)]
    if not trained:
        raise ValueError(f"{root} holds no episode, so there is nothing to certify; collect first")
    tested = list(facts_of_test(suite, split, episodes))
    proofs = [_seeds(trained), _scenes(trained, tested)]
    proofs += [proof(trained, tested) for proof in proofs_of(suite, split)]
    return Certificate(str(root), len(trained), suite, split, len(tested), tuple(proofs), made)


def certificate_findings(certificate: Certificate) -> list[Finding]:
    """Return a certificate as findings; a shift that no file can show is said to be open."""
    findings = [
        Finding(
            proof.question,
            "pass" if proof.holds else "fail",
            f"Compared: {proof.compared}. {'; '.join(proof.leaks) or 'Nothing found'}.",
        )
        for proof in certificate.proofs
    ]
    if certificate.split != "seen" and not proofs_of(certificate.suite, certificate.split):
        shift = f"Has training seen what the split {certificate.split} shifts?"
        words = "It holds out no words, objects or plans that files could show: it adds or moves."
        findings.append(Finding(shift, "open", words))
    return findings


def facts_of_file(path: Path) -> Facts:
    """Read what a recorded episode shows.

    Raises:
        ValueError: it is damaged, or does not say which code recorded it.
    """
    episode = load_episode(path)
    if not {"commit", "renderer_fingerprint"} <= episode.meta.keys():
        raise ValueError(
            f"{path} does not say which code recorded it (no commit in its provenance), so nothing "
            "can be certified; collect the dataset anew with this version"
        )
    goals = [getattr(goal, "goal", goal) for goal in episode.goals]
    words = tuple(text for each in episode.goals for text in each.instructions)
    kind = _kind(episode.task, goals[0])
    return _facts(path.name, episode.seed, kind, words, episode.scene, goals)


def facts_of_test(suite: str, split: str, episodes: int) -> Iterator[Facts]:
    """Sample what the episodes of a test show; nothing is simulated."""
    env: InstructedEnv = make_suite_env(suite, split=split, cameras=())
    for seed in range(FIRST_EVALUATION_SEED, FIRST_EVALUATION_SEED + episodes):
        for task in env.task_names:
            env.sample_episode(seed=seed, options={"task": task})
            kind = _kind(task, env.goal)
            words = (env.instruction,)
            yield _facts(f"{task}/{seed}", seed, kind, words, env.scene, [env.goal])


def _kind(task: str, goal: Any) -> str:
    """Return the kind of a long instruction, or the task; both worlds' goals are understood."""
    work = getattr(goal, "work", None)
    if work is not None:
        return str(work["kind"] if isinstance(work, dict) else work.kind)
    return str(getattr(goal, "kind", "") or (goal.relation if _is_long(task) else task))


def _is_long(task: str) -> bool:
    return task in TABLETOP.registry.suites["tabletop-long"].tasks


def _facts(
    where: str, seed: int, kind: str, words: tuple[str, ...], scene: Any, goals: Sequence[Any]
) -> Facts:
    """Return what a scene with some goals shows."""
    data = json.dumps(_rounded(scene.to_dict()), sort_keys=True)
    digest = hashlib.sha256(data.encode()).hexdigest()
    if not isinstance(scene, RoomScene):
        pairs = frozenset((thing.kind, thing.colour) for thing in scene.objects)
        return Facts(where, seed, kind, words, digest, pairs)
    home, apartment = home_of(scene), scene.apartment
    works = [work_of(goal) for goal in goals if isinstance(goal, LongRoomGoal)]
    starts = tuple(
        w.kind for w in works if w.feasible and rooms.is_held_out(home, w.kind, w.places)
    )
    pairs = frozenset(
        {(piece.kind, piece.colour) for piece in apartment.furniture}
        | {(piece.kind, piece.colour) for piece in apartment.wall_pieces}
    )
    plan = layout_digest(apartment.rooms, apartment.doors)
    return Facts(where, seed, kind, words, digest, pairs, plan, starts)


def _rounded(value: Any) -> Any:
    """Return plain data without names of objects, floats to `DECIMALS`."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items() if key != "name"}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


def _listed(leaks: Iterable[str]) -> tuple[str, ...]:
    found = list(leaks)
    more = len(found) - MOST_LEAKS
    return (*found[:MOST_LEAKS], *([f"and {more} more"] if more > 0 else []))


def _seeds(trained: Sequence[Facts]) -> Proof:
    leaks = (f"{f.where} has seed {f.seed}" for f in trained if f.seed >= FIRST_SELECTION_SEED)
    return Proof(
        "No episode has a seed that chooses or tests.",
        f"{len(trained)} episodes, seeds below {FIRST_SELECTION_SEED:,}",
        _listed(leaks),
    )


def _scenes(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    known = {facts.scene: facts.where for facts in tested}
    leaks = (f"{f.where} stands as {known[f.scene]}" for f in trained if f.scene in known)
    return Proof(
        "No scene of the test was trained on.",
        f"{len(trained)} scenes with {len(tested)}, to a tenth of a millimetre",
        _listed(leaks),
    )


def _pairs(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    held_out = HELD_OUT_PAIRS | HELD_OUT_FURNITURE
    leaks = (
        f"{f.where} shows a {colour} {kind}"
        for f in trained
        for kind, colour in sorted(f.pairs & held_out)
    )
    return Proof(
        "No object has a kind and colour that are held out together.",
        f"{len(trained)} scenes with {len(held_out)} pairs",
        _listed(leaks),
    )


def _plans(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    known = {facts.plan: facts.where for facts in tested}
    leaks = (f"{f.where} has the floor plan of {known[f.plan]}" for f in trained if f.plan in known)
    return Proof(
        "No apartment has a floor plan of the test.",
        f"{len({f.plan for f in trained})} plans with {len(known)}",
        _listed(leaks),
    )


def _starts(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    leaks = (
        f"{f.where} begins {kind} in a room held out for it"
        for f in trained
        for kind in dict.fromkeys(f.held_out_starts)
    )
    return Proof(
        "No long instruction begins in a room that is held out for its kind.",
        f"{len(trained)} episodes with {len(rooms.HELD_OUT_ROOMS)} kinds",
        _listed(leaks),
    )


def _phrasings(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    """A sentence is one if a held-out pattern explains more of its words than any trained one."""
    said = {text: f.where for f in trained for text in f.instructions}
    held_out, known = (
        _matcher({p.words for p in patterns})
        for patterns in (held_out_patterns(), training_patterns())
    )
    leaks = (
        f"{where} says “{text}”"
        for text, where in said.items()
        if (explained := held_out(_plain(text))) and explained > known(_plain(text))
    )
    return Proof(
        "No instruction is worded as the split words them.",
        f"{len(said)} sentences with {len({p.words for p in held_out_patterns()})} patterns",
        _listed(leaks),
    )


def _kinds(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    kinds = {*tabletop.HELD_OUT_KINDS, *rooms.HELD_OUT_KINDS}
    leaks = (f"{f.where} is of the kind {f.kind}" for f in trained if f.kind in kinds)
    return Proof(
        "No long instruction is of a kind that is held out.",
        f"{len(trained)} episodes with {len(kinds)} kinds",
        _listed(leaks),
    )


def _synonyms(trained: Sequence[Facts], tested: Sequence[Facts]) -> Proof:
    said = {text: f.where for f in trained for text in f.instructions}
    words = synonym_words()
    leaks = (
        f"{where} says “{word}”"
        for text, where in said.items()
        for word in sorted(words & words_of([text]))
    )
    return Proof(
        "No instruction has a word that the split puts for another.",
        f"{len(said)} sentences with {len(words)} words",
        _listed(leaks),
    )


def _plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def _matcher(patterns: Iterable[tuple[str, ...]]) -> Callable[[str], int]:
    """Return how many words of a sentence the best of the patterns says, whatever is in its slots.

    0 where none fits.
    """
    known = [
        (re.compile(" ".join("(?:.+)" if w == SLOT else re.escape(w) for w in words)),
         sum(w != SLOT for w in words))
        for words in patterns
    ]  # fmt: skip
    return lambda text: max((said for way, said in known if way.fullmatch(text)), default=0)


Prove = Callable[[Sequence[Facts], Sequence[Facts]], Proof]
PROOFS: dict[str, tuple[Prove, ...]] = {
    "combination": (_pairs,),
    "unseen": (_plans, _pairs),
    "phrasing": (_phrasings,),
    "synonym": (_synonyms,),
    "kind": (_kinds,),
}
"""Split -> what it holds out besides scenes and seeds."""


def proofs_of(suite: str, split: str) -> tuple[Prove, ...]:
    """Return what a split of a suite holds out besides scenes and seeds."""
    if split == "combination" and world_of(suite) is ROOMS_LONG:
        return (_starts,)
    return PROOFS.get(split, ())
