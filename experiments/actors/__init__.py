"""Actors: from a name that a user gives to the policy or the agent that acts."""

__all__ = ["agent_worlds", "foreign_policy", "load_policy", "planner_registry"]
