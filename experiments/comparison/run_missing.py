"""Run those compared that have not been run, on the seeds of those that have."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from handeye.experiments.comparison.config import CompareConfig
from handeye.experiments.comparison.read_side import is_recorded, read_side, with_films
from handeye.experiments.comparison.side import Episode, Side
from handeye.experiments.evaluation.config import EvaluateConfig, PolicyFlags
from handeye.experiments.evaluation.evaluate import evaluate, keyed
from handeye.experiments.evaluation.plan import EvaluationPlan, plan_evaluation
from handeye.experiments.evaluation.shown_episodes import shoot
from handeye.experiments.records.agent import AgentFlags
from handeye.experiments.records.episode import EpisodeRecord
from handeye.experiments.records.seeds import FIRST_EVALUATION_SEED

AGENT = "agent:"
SUITE, SPLIT, EPISODES = "tabletop-core", "seen", 25


@dataclass(frozen=True)
class Planned:
    """A side that is to be run.

    Attributes:
        config: its evaluation.
        plan: the evaluation's episodes.
    """

    config: EvaluateConfig
    plan: EvaluationPlan

    def run(self) -> tuple[Side, list[EpisodeRecord]]:
        """Evaluate; return the side and its records."""
        records = evaluate(self.config).records
        return read_side(self.config.output_dir), records

    def film(
        self, side: Side, records: Sequence[EpisodeRecord], episodes: Collection[Episode]
    ) -> Side:
        """Return the side with films of some of its episodes; of agents there are none."""
        chosen = [
            job
            for job in self.plan.jobs
            if (job.task, job.seed) in episodes and job.condition == "true"
        ]
        if not (self.plan.filmed and chosen):
            return side
        shoot(self.config.output_dir, chosen, records, self.config)
        return with_films(side, self.config.output_dir)


class Frame(NamedTuple):
    """Which episodes are run."""

    suite: str
    split: str
    seed: int
    episodes: int


def sides_of(config: CompareConfig) -> list[Side | Planned]:
    """Return every side, read from what it left, or planned; nothing is run or written.

    Raises:
        ValueError: fewer than two; one that cannot be read; a policy that does not fit.
        OSError: a file or policy is not there.
    """
    if len(config.sides) < 2:
        raise ValueError(
            "give two or more to compare: run folders, eval_info.json files, policies by name or "
            "path, or agent:<planner style>"
        )
    read = {
        name: read_side(Path(name), by_order=config.by_order)
        for name in config.sides
        if is_recorded(name)
    }
    if len(read) == len(set(config.sides)):
        return [read[name] for name in config.sides]
    frame = _frame_of(config, [*read.values()])
    return [
        read.get(name) or _planned(name, number, frame, config)
        for number, name in enumerate(config.sides, 1)
    ]


def _frame_of(config: CompareConfig, read: Sequence[Side]) -> Frame:
    """Return the episodes of what was run, as far as the flags do not say others."""
    if not read:
        return Frame(
            config.suite or SUITE, config.split or SPLIT,
            FIRST_EVALUATION_SEED if config.seed is None else config.seed,
            EPISODES if config.episodes is None else config.episodes,
        )  # fmt: skip
    first = read[0]
    if not first.solved or "split" not in first.facts:
        raise ValueError(
            f"{first.called} does not say which episodes it is of, so nothing can be run beside "
            "it. Give files or run folders alone."
        )
    for flag, said in (("suite", config.suite), ("split", config.split)):
        if said is not None and said != first.facts[flag]:
            raise ValueError(
                f"--{flag} {said} and {first.called} cannot be compared: it is of {flag} "
                f"{first.facts[flag]}. Leave --{flag} out."
            )
    seeds = [seed for _, seed in first.solved]
    seed = min(seeds) if config.seed is None else config.seed
    episodes = max(seeds) + 1 - seed if config.episodes is None else config.episodes
    return Frame(first.facts["suite"], first.facts["split"], seed, episodes)


def _planned(name: str, number: int, frame: Frame, config: CompareConfig) -> Planned:
    slug = re.sub(r"[^\w.-]+", "-", name).strip("-.")[-60:]
    asked = EvaluateConfig(
        PolicyFlags(name),
        config.output_dir / "runs" / f"{number}_{slug}",
        suite=frame.suite,
        split=frame.split,
        episodes=frame.episodes,
        seed=frame.seed,
        workers=config.workers,
        necessity_episodes=0,
        films=0,
        deadline_s=config.deadline_s,
        resume=config.resume,
    )
    if name.startswith(AGENT):
        agent = AgentFlags(agent=name.removeprefix(AGENT))
        asked = replace(asked, policy=PolicyFlags(), agent=agent)
    asked = keyed(asked)  # One key for the run and its films.
    return Planned(asked, plan_evaluation(asked))
