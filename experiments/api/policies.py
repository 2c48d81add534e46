"""Policies by name."""

from pathlib import Path

from handeye.envs.core.base_env import InstructedEnv
from handeye.experiments.actors.load_policy import open_policy
from handeye.policies.policy import Action, Policy

__all__ = ["Action", "Policy", "load_policy"]


def load_policy(name_or_path: str | Path, env: InstructedEnv | None = None) -> Policy:
    """Load a policy: `reset(instruction, seed)`, then `act(observation) -> Action`.

    Args:
        name_or_path: whatever `handeye evaluate --policy.path` takes: a shipped policy, a
            checkpoint's or training's folder, a name that an installed package offers,
            "module:Class", "file.py:Class", or a baseline.
        env: where a baseline will act; it reads that environment. Others need none.

    Raises:
        FileNotFoundError: there is no such policy.
        ValueError: it is damaged, or a baseline without `env`.
    """
    source = open_policy(str(name_or_path))
    if env is not None:
        return source.build(env.unwrapped)  # type: ignore[arg-type]  # Gymnasium's wrappers
    if source.loaded is None:
        raise ValueError(
            f"{name_or_path} is a baseline and is built around an environment; give env=..."
        )
    return source.loaded
