"""`handeye score`: what a trained family can say about frames, beside who never looks."""

from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from handeye.experiments.actors.load_policy import policy_source
from handeye.experiments.data.vl.vl_dataset import VlDataset
from handeye.experiments.records.provenance import measured_with
from handeye.experiments.records.run_folder import write_json_atomic
from handeye.experiments.records.seeds import SeedUse
from handeye.experiments.scores.answerer import Answerer
from handeye.experiments.scores.boxes import score_boxes
from handeye.experiments.scores.captions import score_captions
from handeye.experiments.scores.config import ScoreConfig
from handeye.experiments.scores.retrieval import score_retrieval
from handeye.experiments.scores.vqa import score_vqa
from handeye.perception.families.contrastive import Contrastive
from handeye.perception.families.met_streams import MetStreams
from handeye.policies.families.runner import FamilyPolicyRunner

FORMAT = "handeye-scores-1"
SEED = 0  # of the choice of examples


def run(config: ScoreConfig) -> int:
    """Ask, print a table, write the figures; exit code 0."""
    runner = policy_source(config.policy.path, config.policy.device).loaded
    if not isinstance(runner, FamilyPolicyRunner):
        raise ValueError(
            f"{config.policy.path} is no trained family; train one: handeye train --family NAME"
        )
    if min(config.examples, config.scenes) < 1 or not config.vl:
        raise ValueError("--examples and --scenes must be at least 1, and --vl names a folder")
    data = load_judged(config)
    figures = score(runner, data, config)
    record = {
        "format": FORMAT,
        "family": runner.model.config.family,
        "examples": config.examples,
        **measured_with(),
        "figures": figures,
    }
    if config.result is not None:
        write_json_atomic(config.result, record)
    print_figures(runner.model.config.family, figures)
    return 0


def load_judged(config: ScoreConfig) -> VlDataset:
    """Read examples of seeds to choose or to judge by.

    Raises:
        ValueError: they are of training seeds, or none.
    """
    uses: tuple[SeedUse, ...] = ("selection", "evaluation")
    for use in uses:
        try:
            return VlDataset.load(*config.vl, use=use)
        except ValueError as error:
            if use == uses[-1] or "seeds of" not in str(error):
                raise
    raise AssertionError("one of the uses was the last")


def score(runner: FamilyPolicyRunner, data: VlDataset, config: ScoreConfig) -> dict[str, Any]:
    """Return every measure of what the family natively says; what it cannot say is left out."""
    answerer, family = Answerer(runner, data), runner.model.family
    figures: dict[str, Any] = {}
    rng = np.random.default_rng(SEED)
    if isinstance(family, Contrastive):
        figures["retrieval"] = score_retrieval(answerer, config.scenes, rng)
    elif not isinstance(family, MetStreams):
        if "vqa" in family.learns:
            figures["questions"] = score_vqa(answerer, config.examples, rng)
        if "refer" in family.learns:
            figures["places"] = score_boxes(answerer, config.examples, rng)
        if "caption" in family.learns:
            figures["captions"] = score_captions(answerer, config.examples, rng)
    return figures


def print_figures(family: str, figures: dict[str, Any]) -> None:
    """Print every rate of the figures, with its interval."""
    table = Table("measure", "counted", "share", "Wilson 95 %", title=family)
    for name, row in rates_of(figures):
        low, high = row["wilson95"]
        share = f"{row['rate']:.1%}" if row["n"] else "nothing was said"
        table.add_row(name, f"{row['k']}/{row['n']}", share, f"{low:.1%} to {high:.1%}")
    Console().print(table)


def rates_of(figures: dict[str, Any], before: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Return every rate of nested figures with the path of its name."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name, value in figures.items():
        path = f"{before} {name}".strip()
        if isinstance(value, dict):
            found += [(path, value)] if "wilson95" in value else rates_of(value, path)
    return found
