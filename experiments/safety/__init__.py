"""Safety: judges the gate by forbidden calls, hazards beside safe twins, and planted orders."""

__all__ = ["command"]
