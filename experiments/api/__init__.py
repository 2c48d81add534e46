"""Api: what `import handeye` gives, documented in docs/python.md; stable, unlike all other modules.

A name is loaded from its module when it is first used, see `handeye.__getattr__`.
"""

__all__ = ["agents", "datasets", "environments", "evaluation", "policies"]
