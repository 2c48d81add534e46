"""Embodied agents: planners that call tools and skills until an instruction is carried out."""
