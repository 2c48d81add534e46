"""Shapes of the JSON files that commands leave for each other, for `json_reader`."""

from pathlib import Path
from typing import Any, TypedDict, cast

from handeye.base.json_reader import JsonError, check_format, check_shape, read_json

EVALUATION_FORMAT = "handeye-evaluation-2"


class RateRow(TypedDict):
    """What `Rate.to_dict` gives."""

    k: int
    n: int
    rate: float | None
    wilson95: tuple[float, float]


class Mean(TypedDict):
    """What `MacroMean.to_dict` gives, as far as it is read."""

    mean: float | None


class EvaluationInfo(TypedDict):
    """`eval_info.json`, as far as it is read."""

    suite: str
    split: str
    seed: int
    commit: str
    success: RateRow
    goal_reached: RateRow
    macro_mean: Mean
    per_task: dict[str, RateRow]


class UnsolvedLine(TypedDict):
    """A line of a dataset's `unsolved.jsonl`."""

    number: int
    task: str
    seed: int


class StageLine(TypedDict):
    """A line of a reproduction's `stages.jsonl`."""

    stage: str
    code: int
    wall_s: float


class UtteranceLine(TypedDict):
    """A line of `utterances.jsonl`: what came of what somebody said."""

    id: str
    register: str
    kind: str
    words: str
    success: bool
    goal_reached: bool
    claim: str
    said: str
    side_effects: list[str]
    steps: int
    wall_s: float


class RoundLine(TypedDict):
    """A line of `rounds.jsonl` of `handeye voyager`, as far as it is read."""

    round: int
    task: str
    success: bool


class SafetyLine(TypedDict):
    """A line of `runs.jsonl` of `handeye safety`, as far as it tells runs apart."""

    job_id: str


class ValidationLine(TypedDict):
    """A line of a training's `evaluations.jsonl`."""

    step: int
    success_rate: float
    per_task: dict[str, float]


class EyesRate(TypedDict):
    """One figure of eyes."""

    rate: float
    n: int
    wilson95: tuple[float, float]


class EyesRates(TypedDict):
    """Figures of eyes by name."""

    rates: dict[str, EyesRate]


class EyesFigures(TypedDict):
    """Figures of one kind of frames."""

    eyes: EyesRates


class EyesEvaluation(TypedDict):
    """What `handeye evaluate-eyes` writes, as far as it is read."""

    command: str
    first_seed: int
    commit: str
    figures: dict[str, EyesFigures]


def read_evaluation(path: Path) -> EvaluationInfo:
    """Return the figures that `handeye evaluate` wrote.

    Raises:
        OSError: there is no such file.
        JsonError: it holds something else; the message names both formats.
    """
    remedy = "Give what `handeye evaluate` wrote."
    data = read_json(path, dict[str, Any])
    check_format(data, EVALUATION_FORMAT, path, remedy)
    try:
        check_shape(data, EvaluationInfo, str(path))
    except JsonError as error:
        raise JsonError(f"{error}; {EVALUATION_FORMAT!r} is wanted. {remedy}") from error
    return cast(EvaluationInfo, data)
