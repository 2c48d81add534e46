"""Handeye: embodied agents that see, read an instruction and act, in PyBullet.

The names in `__all__` are stable and documented in docs/python.md; all other modules are internal.
Each is loaded when it is first used, so that `import handeye` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handeye.experiments.api.agents import Agent, make_agent
    from handeye.experiments.api.datasets import load_dataset
    from handeye.experiments.api.environments import list_suites, make
    from handeye.experiments.api.evaluation import Evaluation, evaluate
    from handeye.experiments.api.policies import Action, Policy, load_policy

__version__ = "0.3.0"
__all__ = [
    "Action",
    "Agent",
    "Evaluation",
    "Policy",
    "evaluate",
    "list_suites",
    "load_dataset",
    "load_policy",
    "make",
    "make_agent",
]
_MODULES = {
    "agents": ("Agent", "make_agent"),
    "datasets": ("load_dataset",),
    "environments": ("list_suites", "make"),
    "evaluation": ("Evaluation", "evaluate"),
    "policies": ("Action", "Policy", "load_policy"),
}


def __getattr__(name: str) -> Any:
    """Load a name of the API when it is first asked for."""
    for module, names in _MODULES.items():
        if name in names:
            value = getattr(importlib.import_module(f"handeye.experiments.api.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'handeye' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the API's names, loaded or not."""
    return sorted({*globals(), *__all__})
