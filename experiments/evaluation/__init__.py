"""Evaluation: runs episodes of a suite by a policy or an agent, and says what they amount to."""

__all__ = ["evaluate", "evaluate_eyes", "oracle_ladder", "run_agent_episode", "run_policy_episode"]
