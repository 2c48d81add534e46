"""From what `--policy.path` says to a policy that acts: baselines, shipped names, checkpoints."""

from dataclasses import dataclass
from pathlib import Path

from handeye.base.names import unknown_name_message
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.suites import ROOMS, WORLDS, tasks_of, world_of
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.state_wrapper import GoalView
from handeye.experiments.oracles.baselines import BlindPolicy, OraclePolicy
from handeye.experiments.oracles.oracle_detector import FrontierBaseline
from handeye.policies.policy import Policy, RandomPolicy
from handeye.policies.rl.point_goal_policy import PointGoalPolicy
from handeye.policies.rl.policy import RLPolicy, is_rl_folder, load_rl_policy
from handeye.policies.trained import load_trained

BASELINES = ("oracle", "frontier", "random", "blind")
FRONTIER_MODE = "base_discrete"


@dataclass(frozen=True)
class PolicySource:
    """Where a policy comes from; `build` makes it for one environment.

    Attributes:
        path: what finds it again: a name, or the checkpoint's folder with every link followed, so
            that a training which goes on cannot exchange the policy under an evaluation.
        loaded: a checkpoint's policy; None for baselines, which are built around an env.
    """

    path: str
    loaded: Policy | None = None

    @property
    def action_mode(self) -> str | None:
        """The action mode that the environment must have; None: any, the suite's usual one."""
        if self.path == "frontier":
            return FRONTIER_MODE
        return self.loaded.action_mode if self.loaded is not None else None

    @property
    def reads(self) -> bool:
        """Whether it gets what to do from the instruction; frontier reads named points alone."""
        return self.loaded is not None and not isinstance(self.loaded, RLPolicy)

    def check_suite(self, suite: str) -> None:
        """ValueError, with the remedy, where the policy has no use in a suite or task."""
        if self.path == "frontier" and world_of(suite) is not ROOMS:
            raise ValueError(
                f"frontier explores apartments, {suite} has none; give --suite rooms or one of "
                f"its tasks: {', '.join(ROOMS.tasks)}"
            )
        if isinstance(self.loaded, PointGoalPolicy) and tasks_of(suite) != ("point_goal",):
            raise ValueError(
                f"{self.path} reads points in metres and nothing else; give --suite point_goal"
            )
        mode = self.action_mode
        if mode is not None and mode not in world_of(suite).action_modes:
            fitting = [n for world in WORLDS if mode in world.action_modes for n in world.suites]
            raise ValueError(
                f"{self.path} acts in {mode!r}, which {suite} does not take; give --suite "
                f"{' or '.join(fitting)}"
            )

    def build(self, env: InstructedEnv) -> Policy:
        """The policy, ready for `rollout(env, policy)`.

        Raises:
            ValueError: the policy was made for another suite.
        """
        if isinstance(self.loaded, RLPolicy):
            if not isinstance(env, TabletopEnv):
                raise ValueError(f"{self.path} was trained on the tabletop; give such a --suite")
            return self.loaded.reading(GoalView(env))
        if self.loaded is not None:
            return self.loaded
        if self.path == "oracle":
            return OraclePolicy(env)
        if self.path == "blind":
            return BlindPolicy(env)
        if self.path == "frontier":
            if not isinstance(env, RoomsEnv):
                raise ValueError("frontier explores apartments; give --suite rooms")
            return FrontierBaseline(env)
        return RandomPolicy(env.action_mode)


def open_policy(path: str) -> PolicySource:
    """Find and load what `--policy.path` names.

    Args:
        path: oracle, frontier, random or blind; the name of a shipped policy; a checkpoint folder,
            or the run folder of a training, whose last checkpoint is taken.

    Raises:
        FileNotFoundError: no such folder, and no known name either.
        ValueError: the folder holds no checkpoint, a damaged one, or a foreign one.
    """
    if path in BASELINES:
        return PolicySource(path)
    shipped = shipped_policies()
    folder = shipped.get(path, Path(path))
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{unknown_name_message('policy', path, [*BASELINES, *shipped])} A trained policy is "
            "named by its folder, such as outputs/train/nano."
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
