"""Record one episode: the oracle drives, noise disturbs, every state is labelled for several goals.

The oracle's label is stored beside the disturbed action, so a learner sees states off the expert's
path together with the way back (DART, Laskey et al. 2017), and the same state under several
instructions, so that only the words tell what to do.
"""

import numpy as np
from numpy.typing import NDArray

from handeye.envs.arm import ACTION_MODES
from handeye.envs.env import HandeyeEnv
from handeye.envs.episode import Episode, EpisodeGoal
from handeye.envs.oracle import Oracle, Waypoint
from handeye.envs.rendering import RENDERER_FINGERPRINT
from handeye.experiments.provenance import commit_id

PARAPHRASES = 4
NOISE_SD = {
    "ee_pose": np.array([0.015, 0.015, 0.010, 0.0, 0.0, 0.20, 0.0]),
    "ee_delta": np.array([0.3, 0.3, 0.3, 0.0, 0.0, 0.3, 0.0]),
}
NOISY_ACTIONS = 0.30  # share of actions with Gaussian noise
STRAY_ACTIONS = 0.05  # share replaced by a random pose above the table
FLIPPED_GRIPPER = 0.03  # share that open or close against the plan: drops and false grasps
STRAY_LOW, STRAY_HIGH = (0.36, -0.20, 0.10), (0.66, 0.20, 0.30)
STREAM = 7  # keeps this generator apart from the environment's own


def record_episode(
    env: HandeyeEnv, task: str, seed: int, *, goals: int = 4, noise: float = 1.0
) -> Episode:
    """Drive the oracle through one episode.

    Args:
        env: an environment without cameras is enough.
        task: name of one of its tasks.
        seed: of the episode.
        goals: how many of the scene's goals label each state ("ee_pose" only; "ee_delta" has one,
            since its oracle commits to waypoints).
        noise: strength of the disturbances; 0 gives the expert's own path.
    """
    env.reset(seed=seed, options={"task": task})
    rng = np.random.default_rng([seed, STREAM])
    chosen = _choose_goals(env, rng, goals if env.action_mode == "ee_pose" else 1)
    oracles = [Oracle(env.scene, env.task.subgoals(env.goals[g])) for g in chosen]
    states, labels, proprio, actions = [env.state], [], [], []
    while True:
        here = _label(env, chosen, oracles)
        labels.append(here)
        proprio.append(env.observe(render=False)["proprio"])
        if here[0].done:
            info = env.finish()
            break
        action = _disturb(here[0].values, env.action_mode, rng, noise)
        _, _, terminated, truncated, info = env.step(action)
        actions.append(action)
        states.append(env.state)
        if terminated or truncated:
            labels.append(_label(env, chosen, oracles))
            proprio.append(env.observe(render=False)["proprio"])
            break
    return Episode(
        task=task,
        split=env.split,
        seed=seed,
        action_mode=env.action_mode,
        scene=env.scene,
        goals=tuple(_goal(env, g) for g in chosen),
        body_poses=np.stack([s.body_poses for s in states]).astype(np.float32),
        joint_positions=np.stack([s.joint_positions for s in states]).astype(np.float32),
        proprio=np.stack(proprio),
        actions=np.array(actions, np.float32).reshape(-1, 7),
        labels=np.array([[w.values for w in row] for row in labels], np.float32).swapaxes(0, 1),
        terminate=np.array([[w.done for w in row] for row in labels]).T,
        subgoals=tuple(row[0].subgoal for row in labels),
        success=bool(info["is_success"]),
        state_hash=info["state_hash"],
        meta={"commit": commit_id(), "renderer_fingerprint": RENDERER_FINGERPRINT},
    )


def _choose_goals(env: HandeyeEnv, rng: np.random.Generator, count: int) -> list[int]:
    """The pursued goal, then others; first up to half of them with the same object to move.

    Where the object in hand goes to is said by such goals alone: the others say "let go of it".
    """
    pursued = env.goals[env.goal_index].referred[0]
    order = [int(g) for g in rng.permutation(len(env.goals)) if g != env.goal_index]
    siblings = [g for g in order if env.goals[g].referred[0] == pursued][: count // 2]
    rest = [g for g in order if g not in siblings]
    return [env.goal_index, *siblings, *rest][:count]


def _goal(env: HandeyeEnv, index: int) -> EpisodeGoal:
    words = tuple(dict.fromkeys(env.words_for(index, v) for v in range(PARAPHRASES)))
    goal = env.goals[index]
    return EpisodeGoal(index, words, goal.referred, goal.relation)


def _label(env: HandeyeEnv, chosen: list[int], oracles: list[Oracle]) -> list[Waypoint]:
    first = env.oracle_action()
    rest = [
        oracle.next_waypoint(env.state, env.task.done(env.scene, env.goals[g], env.state))
        for g, oracle in zip(chosen[1:], oracles[1:], strict=True)
    ]
    return [first, *rest]


def _disturb(
    label: NDArray[np.float32], mode: str, rng: np.random.Generator, strength: float
) -> NDArray[np.float32]:
    noisy, stray, flip = rng.random(3)
    jolt = rng.normal(size=7) * NOISE_SD[mode]
    elsewhere = rng.uniform(STRAY_LOW, STRAY_HIGH)
    action = label.astype(np.float64)
    if noisy < NOISY_ACTIONS * strength:
        action += jolt
    if mode == "ee_pose" and stray < STRAY_ACTIONS * strength:
        action[:3] = elsewhere
    if flip < FLIPPED_GRIPPER * strength:
        action[6] = -action[6]
    return np.clip(action, ACTION_MODES[mode].low, ACTION_MODES[mode].high).astype(np.float32)
