"""The adversaries by name, and where each of them has something to do."""

from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.suites import ROOMS, TABLETOP, World
from handeye.experiments.adversaries.adversary import Adversary, Cannot, Idle
from handeye.experiments.adversaries.dumper import Dumper
from handeye.experiments.adversaries.sweeper import Sweeper
from handeye.experiments.adversaries.tour import Tour
from handeye.experiments.adversaries.usual_answer import UsualAnswer

ADVERSARIES: dict[str, type[Adversary]] = {
    policy.policy_id: policy for policy in (Sweeper, Dumper, Tour, UsualAnswer, Cannot, Idle)
}
MEANINGS: dict[str, str] = {
    "sweeper": "never reads: the expert's motions over all goals of the scene, then the end",
    "dumper": "never reads: every loose thing into one container, zone or drawer; tables alone",
    "tour": "never reads: through all rooms and back; apartments alone",
    "usual_answer": "never reads: the motion and the answer that its task asks for most often",
    "cannot": "never reads: says at once that it cannot be done",
    "idle": "never reads: does nothing and says that it is done",
}


def check_suite(name: str, suite: str, world: World) -> None:
    """Raise a ValueError, with the remedy, where an adversary has nothing to do in a suite."""
    if name == "tour" and world.env is TABLETOP.env:
        raise ValueError(
            f"tour walks through apartments, {suite} has none; give --suite rooms or one of its "
            f"tasks: {', '.join(ROOMS.tasks)}"
        )
    if name == "dumper" and world.env is not TABLETOP.env:
        raise ValueError(
            f"dumper picks things up, which nobody can in {suite}; give --suite tabletop-core or "
            f"one of its tasks: {', '.join(TABLETOP.registry.suites['tabletop-core'].tasks)}"
        )


def adversaries_of(world: World) -> list[str]:
    """Return the adversaries that have something to do in a world."""
    return [
        name for name in ADVERSARIES if name != ("tour" if world.env is TABLETOP.env else "dumper")
    ]


def build(name: str, env: InstructedEnv) -> Adversary:
    """Return an adversary that acts in an environment."""
    return ADVERSARIES[name](env)
