"""From what `--policy.path` says to a policy that acts.

oracle, random, ...      a baseline, built around an environment
handeye-nano             a policy that comes with handeye, or one that a package offers
outputs/train/nano       a folder with a checkpoint, or of a training
module:Class, file.py:Class     code of the user's, see `foreign_policy`
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from handeye.base.names import unknown_name_message
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.core.extensions import check_unclaimed, offers
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import ROOMS, WORLDS, World
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.state_wrapper import GoalView
from handeye.experiments.actors.foreign_policy import (
    ENTRY_POINTS,
    ForeignPolicy,
    is_spec,
    load_installed,
    load_spec,
    whole_spec,
)
from handeye.experiments.adversaries import registry as adversaries
from handeye.experiments.adversaries.registry import ADVERSARIES
from handeye.experiments.oracles.baselines import BlindPolicy, OraclePolicy
from handeye.experiments.oracles.frontier_baseline import FrontierBaseline
from handeye.policies.policy import Policy, RandomPolicy
from handeye.policies.rl.point_goal_policy import PointGoalPolicy
from handeye.policies.rl.policy import RLPolicy, is_rl_folder, load_rl_policy
from handeye.policies.trained import load_trained

BASELINES = ("oracle", "frontier", "random", "blind", *ADVERSARIES)
FRONTIER_MODE = "base_discrete"
CPU = "cpu"


@runtime_checkable
class Movable(Protocol):
    """A policy that computes on any device."""

    def to(self, device: Any) -> None:
        """Compute on a device from now on."""


@dataclass(frozen=True, eq=False)
class PolicySource:
    """Where a policy comes from; `build` makes it for one environment.

    Attributes:
        path: what finds it again: a name, or the checkpoint's folder with every link followed, so
            that a training which goes on cannot exchange the policy under an evaluation.
        loaded: a policy that needs no env to be made; None for baselines, which do.
    """

    path: str
    loaded: Policy | None = None

    @property
    def action_mode(self) -> str | None:
        """Return the action mode that the environment must have; None for the suite's usual one."""
        if self.path == "frontier":
            return FRONTIER_MODE
        return self.loaded.action_mode if self.loaded is not None else None

    @property
    def reads(self) -> bool:
        """Return whether it acts by the instruction; frontier reads named points alone."""
        return self.loaded is not None and not isinstance(self.loaded, RLPolicy)

    @property
    def reads_state(self) -> bool:
        """Return whether it reads the simulator's state: scripted experts, and policies by RL."""
        scripted = self.loaded is None and self.path not in ("random", "frontier")
        return scripted or isinstance(self.loaded, RLPolicy)

    @property
    def foreign(self) -> bool:
        """Return whether its code is a user's."""
        return isinstance(self.loaded, ForeignPolicy)

    def check_suite(self, suite: str, world: World) -> None:
        """Raise a ValueError, with the remedy, where the policy has no use in a suite or task."""
        if self.path == "frontier" and world is not ROOMS:
            raise ValueError(
                f"frontier explores apartments, {suite} has none; give --suite rooms or one of "
                f"its tasks: {', '.join(ROOMS.tasks)}"
            )
        adversaries.check_suite(self.path, suite, world)
        if isinstance(self.loaded, PointGoalPolicy) and world.registry.tasks_of(suite) != (
            "point_goal",
        ):
            raise ValueError(
                f"{self.path} reads points in metres and nothing else; give --suite point_goal"
            )
        mode = self.action_mode
        if mode is not None and mode not in world.action_modes:
            fitting = [name for w in WORLDS if mode in w.action_modes for name in w.suites]
            remedy = (
                f"give --suite {' or '.join(fitting)}"
                if fitting
                else f"its action modes are {', '.join(world.action_modes)}"
            )
            raise ValueError(f"{self.path} acts in {mode!r}, which {suite} does not take; {remedy}")

    def build(self, env: InstructedEnv) -> Policy:
        """Return the policy, ready for `rollout(env, policy)`.

        Raises:
            ValueError: the policy was made for another suite.
        """
        if isinstance(self.loaded, RLPolicy):
            if not isinstance(env, TabletopEnv):
                raise ValueError(f"{self.path} was trained on the tabletop; give such a --suite")
            return self.loaded.reading(GoalView(env))
        if isinstance(self.loaded, ForeignPolicy):
            return self.loaded.acting_in(env.action_space)
        if self.loaded is not None:
            return self.loaded
        if self.path in ADVERSARIES:
            return adversaries.build(self.path, env)
        if self.path == "oracle":
            return OraclePolicy(env)
        if self.path == "blind":
            return BlindPolicy(env)
        if self.path == "frontier":
            if not isinstance(env, RoomsEnv):
                raise ValueError("frontier explores apartments; give --suite rooms")
            return FrontierBaseline(env)
        return RandomPolicy(env.action_mode)


_opened: dict[tuple[str, str], PolicySource] = {}  # By path and device, of this process.


def policy_source(path: str, device: str = CPU) -> PolicySource:
    """Return `open_policy(path)`, opened once in a process, computing on a device.

    Raises:
        ValueError: there is no such device, or the policy computes on the CPU alone.
    """
    if (path, device) not in _opened:
        source = open_policy(path)
        if device != CPU:
            _move(source, device)
        _opened[path, device] = source
    return _opened[path, device]


def _move(source: PolicySource, device: str) -> None:
    from handeye.policies.devices import find_device  # torch is not for baselines

    if not isinstance(source.loaded, Movable):
        raise ValueError(f"{source.path} computes on the CPU alone; leave --policy.device out")
    source.loaded.to(find_device(device))


@contextmanager
def lent(policy: object) -> Iterator[PolicySource]:
    """Let `policy_source` find an object of this process while the block lasts.

    Raises:
        PolicyFailure: the object is no policy.
    """
    name = f"{type(policy).__module__}.{type(policy).__qualname__} object"
    # One of reinforcement reads the state of the environment in which it is built.
    own = policy if isinstance(policy, RLPolicy) else ForeignPolicy(policy, name)
    source = PolicySource(name, own)
    _opened[name, CPU] = source
    try:
        yield source
    finally:
        del _opened[name, CPU]


def open_policy(path: str) -> PolicySource:
    """Find and load what `--policy.path` names.

    Args:
        path: one of `BASELINES`; the name of a shipped policy, or of one that an
            installed package offers; `module:Class` or `file.py:Class`; a checkpoint folder, or the
            run folder of a training, whose last checkpoint is taken.

    Raises:
        FileNotFoundError: no such folder, and no known name either.
        ValueError: the folder holds no checkpoint, or a damaged one; a user's code is no policy;
            two packages claim the name.
    """
    shipped = shipped_policies()
    if path in BASELINES or path in shipped:
        check_unclaimed(ENTRY_POINTS, path)
    if path in BASELINES:
        return PolicySource(path)
    folder = shipped.get(path, Path(path))
    if not folder.is_dir():
        if is_spec(path):
            return PolicySource(whole_spec(path), load_spec(path))
        installed = load_installed(path)
        if installed is not None:
            return PolicySource(path, installed)
        known = [*BASELINES, *shipped, *offers(ENTRY_POINTS)]
        raise FileNotFoundError(
            f"{unknown_name_message('policy', path, known)} A trained policy is named by its "
            "folder, such as outputs/train/nano, your own by module:Class or file.py:Class."
        )
    last = folder / "checkpoints" / "last" / "pretrained_model"
    folder = (last if last.is_dir() else folder).resolve()
    found = path if path in shipped else str(folder)
    if is_rl_folder(folder):
        return PolicySource(found, load_rl_policy(folder))
    return PolicySource(found, load_trained(folder, found if path in shipped else name_of(folder)))


def name_of(folder: Path) -> str:
    """How records call a checkpoint: `nano/005000` for a step of a training run."""
    if folder.name == "pretrained_model" and len(folder.parents) > 2:
        return f"{folder.parents[2].name}/{folder.parent.name}"
    return folder.name


def shipped_policies() -> dict[str, Path]:
    """Name -> folder of the checkpoints that come with the repository."""
    root = Path(__file__).resolve().parents[2] / "policies" / "checkpoints"
    return {card.parent.name: card.parent for card in sorted(root.glob("*/config.json"))}
