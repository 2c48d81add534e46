"""Evaluation: runs episodes of a suite by a policy or an agent, and says what they amount to."""

__all__ = [
    "episode_video",
    "evaluate",
    "evaluate_eyes",
    "oracle_ladder",
    "plan",
    "run_agent_episode",
    "run_policy_episode",
]
