"""The tasks and suites of the tabletop by name: single skills, and long instructions."""

from handeye.envs.core.registry import Registry
from handeye.envs.tabletop.chains.task import CHAIN_TASKS, CHAINS, MIXED
from handeye.envs.tabletop.long.task import LONG, LONG_TASKS
from handeye.envs.tabletop.tasks import CORE, TASKS, Task

TABLETOP: Registry[Task] = Registry(
    Task, {**TASKS, **LONG_TASKS, **CHAIN_TASKS}, (CORE, LONG, MIXED, CHAINS)
)
