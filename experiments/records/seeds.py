"""Which seeds train, which choose, and which judge; code refuses to mix them.

An unseeded `reset` of an environment samples a training seed. Whatever chooses (a checkpoint, a
temperature, when to stop) looks at selection seeds, so that no table shows what was chosen by.
"""

from typing import Literal

FIRST_SELECTION_SEED = 900_000  # those below train, as unseeded resets do
FIRST_EVALUATION_SEED = 1_000_000  # those from `FIRST_SELECTION_SEED` to this one choose
LAST_SEED = 2**63 - 1
SeedUse = Literal["training", "selection", "evaluation"]
RANGES: dict[SeedUse, range] = {
    "training": range(FIRST_SELECTION_SEED),
    "selection": range(FIRST_SELECTION_SEED, FIRST_EVALUATION_SEED),
    "evaluation": range(FIRST_EVALUATION_SEED, LAST_SEED),
}


def use_of(seed: int) -> SeedUse:
    """Return what a seed is for.

    Raises:
        ValueError: it is negative or beyond `LAST_SEED`.
    """
    for use, seeds in RANGES.items():
        if seed in seeds:
            return use
    raise ValueError(f"a seed is a whole number from 0 to {LAST_SEED - 1}, not {seed}")


def check_training_seeds(first: int, count: int, flag: str = "--seed") -> range:
    """Return `count` seeds from `first` on, all of training.

    Args:
        first: the lowest.
        count: how many; none is allowed.
        flag: what sets them, for the error.

    Raises:
        ValueError: some are of selection or evaluation; both ranges are named.
    """
    return _checked("training", first, count, flag)


def check_selection_seeds(first: int, count: int, flag: str = "--seed") -> range:
    """Return `count` seeds from `first` on, all of selection; see `check_training_seeds`."""
    return _checked("selection", first, count, flag)


def check_evaluation_seeds(first: int, count: int, flag: str = "--seed") -> range:
    """Return `count` seeds from `first` on, all of evaluation; see `check_training_seeds`."""
    return _checked("evaluation", first, count, flag)


def check_judged_seeds(first: int, episodes: int) -> range:
    """Return the seeds of a run that judges: all of evaluation, or all of selection.

    A run on selection seeds says so in what it writes, and no table takes it.

    Raises:
        ValueError: they are of training or cross from one range to the next, or there are none.
    """
    if episodes < 1:
        raise ValueError(f"--episodes {episodes}: at least one episode per task is needed.")
    chosen = first in RANGES["selection"]
    return _checked("selection" if chosen else "evaluation", first, episodes, "--seed")


def _checked(use: SeedUse, first: int, count: int, flag: str) -> range:
    seeds, allowed = range(first, first + count), RANGES[use]
    stray = next((seed for seed in (*seeds[:1], *seeds[-1:]) if seed not in allowed), None)
    if stray is None:
        return seeds
    asked = f"{first}" if count == 1 else f"{first} to {seeds[-1]}"
    belongs = f"{stray} belongs to {use_of(stray)} ({said(use_of(stray))}). " if stray >= 0 else ""
    raise ValueError(f"{flag} {asked}: {belongs}Seeds of {use} are {said(use)}.")


def said(use: SeedUse) -> str:
    """Return a range in words, such as "900000 to 999999"."""
    seeds = RANGES[use]
    return f"{seeds.start} and above" if use == "evaluation" else f"{seeds.start} to {seeds[-1]}"
