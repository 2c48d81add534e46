"""What judging costs: the watch for side effects, beside all of an episode."""

import time
from collections.abc import Callable
from typing import Any

from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world.side_effects import SideEffects
from handeye.experiments.bench.measurement import Measurement

FIRST_SEED = 1_000_000
WATCHES = ("watch", "at_end")  # of `SideEffects`


class Stopwatch:
    """Adds up the processor time of calls.

    Attributes:
        seconds: so far.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its time taken."""

        def timed(*args: Any) -> Any:
            """Call it."""
            begun = time.process_time()
            result = function(*args)
            self.seconds += time.process_time() - begun
            return result

        return timed


def measure_judging(episodes: int) -> list[Measurement]:
    """Processor time of the watch for side effects in the oracle's episodes."""
    env, judging = TabletopEnv("tabletop-core", cameras=()), Stopwatch()
    kept = {name: getattr(SideEffects, name) for name in WATCHES}
    for name, function in kept.items():
        setattr(SideEffects, name, judging.around(function))
    whole_s = 0.0
    try:
        for seed in range(FIRST_SEED, FIRST_SEED + episodes):
            env.reset(seed=seed, options={"can_terminate": True})
            begun = time.process_time()
            run_oracle(env)
            whole_s += time.process_time() - begun
    finally:
        for name, function in kept.items():
            setattr(SideEffects, name, function)
        env.close()
    ours, theirs = (1000 * seconds / episodes for seconds in (judging.seconds, whole_s))
    meaning = (
        "an episode without frames driven by the oracle: processor time of the watch for side "
        "effects, and of all of it"
    )
    return [
        Measurement.of_costs("judging_ms", ours, theirs, "ms", meaning, share=ours / theirs)
    ]  # fmt: skip


def run_oracle(env: TabletopEnv) -> dict[str, Any]:
    """Drive the oracle to the end of the open episode; the last info."""
    while not (action := env.oracle_action()).done:
        _, _, _, truncated, info = env.step(action.values)
        if truncated:
            return info
    return env.finish(action.answer, action.claim)
