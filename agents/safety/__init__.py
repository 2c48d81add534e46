"""The gate outside of the planner that every call and every motion passes.

`gate` holds limits and asks the rules: `utterance_kind` lets only commands move the robot,
`hazard_words` reads instructions, `injection_guard` keeps text that was read in the scene from
deciding anything. `default_gate` is what agents have.
"""

__all__ = ["default_gate", "gate", "hazard_words", "injection_guard", "utterance_kind"]
