"""Stages of a training: which weights learn, and from what, one stage after the other.

    --stages align,instruct     | align: the connector, captions | instruct: all but the tower |
                            step 1                           half                           last

LLaVA (Liu et al. 2023, arXiv:2304.08485, section 4.2) first teaches its connector to speak to a
language model that stays as it is, then trains both and leaves the vision tower alone. What trains
at a step is a function of the step, so a run that was interrupted goes on as it would have.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from handeye.base.names import look_up
from handeye.experiments.data.mixture import Mixture

CONNECTOR, TOWER = "family.connector.", "family.frames.tower."


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        trains: tells of a weight's name whether it learns.
        mixture: what samples are; None for the run's mixture.
    """

    trains: Callable[[str], bool]
    mixture: Mixture | None = None


STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        "align": Stage(lambda name: name.startswith(CONNECTOR), {"caption": 1.0}),
        "instruct": Stage(lambda name: not name.startswith(TOWER)),
    }
)


def read_stages(text: str) -> tuple[Stage, ...]:
    """Return the stages that a text such as "align,instruct" names, in order; "" names none.

    Raises:
        UnknownName: there is no such stage.
        ValueError: one stands twice.
    """
    names = [name.strip() for name in text.split(",")] if text.strip() else []
    if len(set(names)) < len(names):
        raise ValueError(f"--stages {text} names a stage twice; name each once")
    return tuple(look_up("stage", name, STAGES) for name in names)


class StagedTraining:
    """Weights that learn at each step of a run, of whose steps every stage has an equal share.

    Args:
        model: a `FamilyPolicy`; weights that are frozen already stay so in every stage.
        stages: in order, at least one.
        steps: of the run.
        usual: what samples are in a stage that has no mixture of its own.

    Raises:
        ValueError: the family has no language model, or there are more stages than steps.
    """

    def __init__(self, model: Any, stages: tuple[Stage, ...], steps: int, usual: Mixture) -> None:
        if len(stages) > steps:
            raise ValueError(
                f"--stages names {len(stages)} stages and --steps is {steps}; each needs a step"
            )
        if not hasattr(model.family, "language"):
            raise ValueError(
                f"--stages teaches a connector to speak to a language model, and "
                f"{model.config.family} has none; leave --stages out, or give one such as llava"
            )
        self._stages, self._steps, self._usual = stages, steps, usual
        self._free = {name: p for name, p in model.named_parameters() if p.requires_grad}

    def enter(self, step: int) -> Mixture:
        """Let the weights of a step's stage learn; return what its samples are."""
        stage = self._stages[(step - 1) * len(self._stages) // self._steps]
        for name, parameter in self._free.items():
            parameter.requires_grad_(stage.trains(name))
        return self._usual if stage.mixture is None else stage.mixture
