"""Two sides pair after pair, until one is known to be better; see `records/betting.py`.

The pairs come in one order, by seed and task, whatever the number of processes, and each counts
once both of its episodes are known. Under the hypothesis tested neither side is the likelier to
solve a pair that only one solves, whatever the task.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from handeye.envs.vector.worker import WorkerLost, run_jobs
from handeye.experiments.actors.foreign_policy import PolicyFailure
from handeye.experiments.comparison.read_side import EPISODES, facts_of
from handeye.experiments.comparison.run_missing import Planned
from handeye.experiments.comparison.side import Episode, Side, check_alike, shared_episodes
from handeye.experiments.evaluation.evaluate import read_records, remember_settings
from handeye.experiments.evaluation.run_agent_episode import run_agent_episode
from handeye.experiments.evaluation.run_policy_episode import policy_episode
from handeye.experiments.evaluation.shown_episodes import progress_bar
from handeye.experiments.records.betting import Wager
from handeye.experiments.records.episode import AgentJob, EpisodeJob, EpisodeRecord
from handeye.experiments.records.run_folder import JsonLines


@dataclass(frozen=True)
class Duel:
    """How far two sides have come.

    Attributes:
        a: side A, with the episodes that count.
        b: side B.
        wager: the bet after them.
        most: pairs at which it would have ended anyway.
        alpha: chance of calling equals different.
        only_a: pairs that only A solved.
        only_b: pairs that only B solved.
        lost: pairs of which an episode could not be run.
    """

    a: Side
    b: Side
    wager: Wager
    most: int
    alpha: float
    only_a: tuple[Episode, ...]
    only_b: tuple[Episode, ...]
    lost: int

    @property
    def verdict(self) -> str:
        """Return what is known in a sentence."""
        n, apart = len(self.a.solved), self.wager.a + self.wager.b
        told = f"after {n} of at most {self.most} pairs, of which {apart} were solved by one alone"
        if not self.wager.decided(self.alpha):
            return (
                f"It is not known whether {self.a.name} or {self.b.name} is better {told} (e = "
                f"{self.wager.e_value:.3g}, {1 / self.alpha:.3g} decides)."
            )
        low, high = self.wager.share_of_b(self.alpha)
        best, won = self.b, self.wager.b
        if self.wager.a > self.wager.b:
            best, won, low, high = self.a, self.wager.a, 1 - high, 1 - low
        return (
            f"{best.name} is better: known {told}, {won} of them by it (e = "
            f"{self.wager.e_value:.3g}, {1 / self.alpha:.3g} decides). In the long run it solves "
            f"{100 * low:.0f} to {100 * high:.0f} % of such pairs "
            f"({100 * (1 - self.alpha):.3g} % confidence sequence)."
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "a": self.a.name,
            "b": self.b.name,
            "verdict": self.verdict,
            "decided": self.wager.decided(self.alpha),
            "e_value": self.wager.e_value,
            "share_of_b": list(self.wager.share_of_b(self.alpha)),
            "pairs": len(self.a.solved),
            "most_pairs": self.most,
            "only_a": list(map(list, self.only_a)),
            "only_b": list(map(list, self.only_b)),
            "lost": self.lost,
        }


def duel(sides: Sequence[Side | Planned], alpha: float) -> Duel:
    """Run pairs until one side is known to be better, or all are run.

    Raises:
        ValueError: not two sides, sides that cannot be paired, or a policy whose code fails.
    """
    if len(sides) != 2:
        raise ValueError(f"--sequential compares two, not {len(sides)}; leave it out")
    order = _order(sides)
    with ExitStack() as stack:
        players = [stack.enter_context(_Player(side)) for side in sides]
        stream = stack.enter_context(_results(players, order))
        wager, judged, lost = Wager(), list[Episode](), 0
        with progress_bar() as bar:
            ticker = bar.add_task("pairs", total=len(order))
            for episode in order:
                a, b = (player.outcome(episode, stream) for player in players)
                bar.advance(ticker)
                if a is None or b is None:
                    lost += 1
                    continue
                judged.append(episode)
                wager = wager.after(a, b)
                if wager.decided(alpha):
                    break
        one, other = (player.side(judged) for player in players)
    check_alike(one, other)
    return Duel(
        one, other, wager, len(order), alpha,
        tuple(each for each in judged if one.solved[each] and not other.solved[each]),
        tuple(each for each in judged if other.solved[each] and not one.solved[each]),
        lost,
    )  # fmt: skip


def _order(sides: Sequence[Side | Planned]) -> list[Episode]:
    """Return the pairs in the order in which they are played: by seed, then as tasks are listed."""
    read = [side for side in sides if isinstance(side, Side)]
    if len(read) == 2:
        check_alike(*read)
        return sorted(shared_episodes(*read), key=lambda episode: episode[1])
    planned = next(side for side in sides if isinstance(side, Planned))
    jobs = [(job.task, job.seed) for job in planned.plan.jobs]
    return [episode for episode in jobs if all(episode in side.solved for side in read)]


class _Player:
    """A side whose outcomes are asked for in order; what is run is written at once."""

    def __init__(self, side: Side | Planned) -> None:
        self._read = side if isinstance(side, Side) else None
        self.planned = side if isinstance(side, Planned) else None
        self.records: dict[Episode, EpisodeRecord] = {}
        self._lines: JsonLines | None = None
        jobs = self.planned.plan.jobs if self.planned is not None else []
        self._jobs = {(job.task, job.seed): job for job in jobs}

    def __enter__(self) -> "_Player":
        if self.planned is not None:
            folder = self.planned.config.output_dir
            remember_settings(folder, self.planned.config, self.planned.plan.policy)
            path = folder / EPISODES
            self.records = {
                (one.task, one.seed): one for one in read_records(path) if not one.worker_lost
            }
            self._lines = JsonLines(path)
        return self

    def __exit__(self, *_: object) -> None:
        if self._lines is not None:
            self._lines.close()

    def missing(self, episode: Episode) -> list[EpisodeJob]:
        """Return the job of an episode, if it is to be run."""
        if self.planned is None or episode in self.records:
            return []
        return [self._jobs[episode]]

    def outcome(self, episode: Episode, stream: "_Stream") -> bool | None:
        """Return whether the episode was solved, None if it was lost."""
        if self._read is not None:
            return self._read.solved[episode]
        if episode not in self.records:
            record = next(stream.records)
            assert (record.task, record.seed) == episode
            assert self._lines is not None
            self._lines.append(record.to_dict())
            self.records[episode] = record
        record = self.records[episode]
        return None if record.worker_lost else record.success

    def side(self, judged: Sequence[Episode]) -> Side:
        """Return the side with these episodes alone.

        Raises:
            ValueError: there are none.
        """
        if not judged:
            raise ValueError("no pair of episodes could be run; see lost_reason in episodes.jsonl")
        if self._read is not None:
            solved = {episode: self._read.solved[episode] for episode in judged}
            known = self._read
            films = {each: path for each, path in known.films.items() if each in solved}
            side = Side.of_episodes(known.name, known.where, known.facts, solved)
            return replace(side, films=films)
        assert self.planned is not None
        folder = self.planned.config.output_dir
        records = [self.records[episode] for episode in judged]
        solved = {(one.task, one.seed): one.success for one in records}
        facts = facts_of(records, folder / EPISODES)
        return Side.of_episodes(self.planned.config.label, str(folder), facts, solved)


class _Stream:
    """The records of all that is to be run, in order; leaving the block ends the workers."""

    def __init__(self, jobs: Sequence[EpisodeJob], workers: int, deadline_s: float) -> None:
        self._results = run_jobs(run_either, jobs, workers=workers, deadline_s=deadline_s)
        self.records = self._read()

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._results.close()

    def _read(self) -> Iterator[EpisodeRecord]:
        for job, result in self._results:
            if isinstance(result, PolicyFailure):
                raise PolicyFailure(f"{job.episode_id}: {result}")
            lost = isinstance(result, WorkerLost)
            yield EpisodeRecord.lost(job, str(result)) if lost else result  # type: ignore[misc]


def _results(players: Sequence[_Player], order: Sequence[Episode]) -> _Stream:
    jobs = [job for episode in order for player in players for job in player.missing(episode)]
    config = next((one.planned.config for one in players if one.planned is not None), None)
    return _Stream(jobs, config.workers if config else 0, config.deadline_s if config else 1.0)


def run_either(job: EpisodeJob) -> EpisodeRecord | PolicyFailure:
    """Run an episode of a policy or of an agent."""
    return run_agent_episode(job) if isinstance(job, AgentJob) else policy_episode(job)
