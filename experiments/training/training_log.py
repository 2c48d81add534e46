"""Reports of a run in training: a progress bar, TensorBoard, and evaluations as JSON lines."""

import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from handeye.experiments.records.run_folder import JsonLines, read_json_lines
from handeye.experiments.records.schemas import ValidationLine

# On the progress bar, of policies and eyes.
SHOWN = (
    "loss",
    "grounding_within_2cm",
    "action_within_2cm",
    "kinds_accuracy",
    "op_accuracy",
    "tier_iou",
    "match_accuracy",
    "answer_accuracy",
)


class RunSettings(Protocol):
    """Settings of a run that the log needs."""

    @property
    def output_dir(self) -> Path:
        """Folder of the run."""

    @property
    def steps(self) -> int:
        """Updates in all."""

    @property
    def batch_size(self) -> int:
        """Decisions per update."""

    @property
    def log_every(self) -> int:
        """Steps between lines."""


class TrainingLog:
    """Gathers metrics of every step and writes their means every `log_every` steps.

    Args:
        settings: of the run.
        first_step: updates already done.
        seconds: already trained, in earlier sessions.
        quiet: say and write nothing (ranks other than the first).
    """

    def __init__(
        self, settings: RunSettings, first_step: int, seconds: float, *, quiet: bool
    ) -> None:
        self._settings, self._quiet = settings, quiet
        self._before, self._started = seconds, time.monotonic()
        self._sums: dict[str, list[float]] = defaultdict(list)
        self._shown: dict[str, float] = {}
        self._rate_from = (first_step, self._started)
        self._evaluations_path = settings.output_dir / "evaluations.jsonl"
        self._first_step = first_step

    def __enter__(self) -> "TrainingLog":
        if not self._quiet:
            folder = str(self._settings.output_dir)
            self._board = SummaryWriter(folder, purge_step=self._first_step + 1)
            console = Console(stderr=True)
            self._bar = Progress(
                TextColumn("training"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.fields[note]}"),
                console=console,
                disable=not console.is_terminal,  # a log gets lines instead
            )
            self._bar.start()
            total = self._settings.steps
            self._task = self._bar.add_task("", total=total, completed=self._first_step, note="")
        return self

    def __exit__(self, *_: object) -> None:
        if not self._quiet:
            self._bar.stop()
            self._board.close()

    def seconds(self) -> float:
        """Real seconds trained so far, over all sessions of the run."""
        return self._before + time.monotonic() - self._started

    def step(self, step: int, metrics: dict[str, Tensor], rate: float) -> None:
        """Note one update's metrics."""
        if self._quiet:
            return
        for name, value in metrics.items():
            self._sums[name].append(float(value))
        self._bar.update(self._task, completed=step)
        if step % self._settings.log_every == 0 or step == self._settings.steps:
            self._flush(step, rate)

    def _flush(self, step: int, rate: float) -> None:
        since, started = self._rate_from
        now = time.monotonic()
        speed = (step - since) * self._settings.batch_size / (now - started)
        self._rate_from = (step, now)
        self._shown = {name: sum(values) / len(values) for name, values in self._sums.items()}
        self._sums.clear()
        for name, value in (self._shown | {"samples_per_s": speed, "learning_rate": rate}).items():
            self._board.add_scalar(f"train/{name}", value, step)
        self._shown["samples_per_s"] = speed
        shown = "  ".join(
            f"{name} {self._shown[name]:.3f}" for name in SHOWN if name in self._shown
        )
        self._bar.update(self._task, note=f"{shown}  {speed:.0f} samples/s")
        if not self._bar.console.is_terminal:
            self._bar.console.print(
                f"step {step}  {shown}  {speed:.0f} samples/s", markup=False, soft_wrap=True
            )

    def evaluation(self, step: int, rates: dict[str, float]) -> None:
        """Note success rates per task."""
        if self._quiet:
            return
        mean = sum(rates.values()) / len(rates)
        for task, rate in rates.items():
            self._board.add_scalar(f"rollout/{task}", rate, step)
        self._board.add_scalar("rollout/success_rate", mean, step)
        with JsonLines(self._evaluations_path) as lines:
            lines.append({"step": step, "success_rate": mean, "per_task": rates})
        words = "  ".join(f"{task} {rate:.2f}" for task, rate in rates.items())
        self._bar.console.print(
            f"step {step}: success {mean:.3f}  ({words})", markup=False, soft_wrap=True
        )
        self._rate_from = (step, time.monotonic())

    def summary(self) -> dict[str, Any]:
        """Last means, the last evaluation and the time spent, for the model card."""
        evaluations: list[Any] = []
        if self._evaluations_path.exists():
            evaluations = list(read_json_lines(self._evaluations_path, ValidationLine))
        return {
            "metrics": dict(self._shown),
            "evaluation": evaluations[-1] if evaluations else None,
            "minutes": self.seconds() / 60,
        }
