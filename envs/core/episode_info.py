"""What an environment's `info` says of its episode, and which other goals its scene offers."""

from typing import Any


def info_of(env: Any, world: dict[str, Any]) -> dict[str, Any]:
    """Return the `info` of an `InstructedEnv` now.

    Args:
        env: with an episode, open or over.
        world: entries of its own world; has "events".
    """
    conditions, record = env.conditions, env.record
    met = sum(conditions.values())
    info: dict[str, Any] = {
        **record.told(),
        "goal_conditions": (met, len(conditions)),
        "state_hash": env.state_hash,
        "task": env.task.name,
        "seed": env.episode_seed,
        "goal": env.goal_index,
        "n_choices": len(env.goals),
        "chance": env.task.chance(env.goals),
        "referred": env.goal.referred,
        "conditions_met": met,
        "conditions_total": len(conditions),
        "questions": env.questions,
        **world,
        **env.task.about(env.goal),
    }
    if record.ended_by and not record.success and other_goals_reached(env):
        info["events"] += ["instruction_ignored"]
    return info


def other_goals_reached(env: Any) -> list[int]:
    """Return the scene's other goals that hold now, as a policy deaf to the words may reach."""
    others = [i for i in range(len(env.goals)) if i != env.goal_index]
    return [i for i in others if env.task.done(env.scene, env.goals[i], env.state)]


def contradictions(env: Any) -> list[int]:
    """Return goals of the scene that act on another object than its own goal does."""
    own, others = env.goal.referred[:1], enumerate(env.goals)
    apart = [i for i, g in others if i != env.goal_index and g.referred[:1] != own]
    return apart if own else [i for i in range(len(env.goals)) if i != env.goal_index]
