"""Tasks and suites by name, of one kind of environment.

A suite is an explicit tuple of names of tasks with a version. It never follows from what else is
registered, so that a new task changes no suite that there is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from handeye.base.names import look_up
from handeye.envs.core.extensions import (
    SUITES,
    TASKS,
    ExtensionError,
    check_unclaimed,
    clash,
    load_extension,
    offers,
)

KIND_SPLIT = "kind"  # kinds of instruction that training never shows


class Named(Protocol):
    """A task as far as a registry knows it.

    Attributes:
        name: its key.
        splits: distributions that it knows.
    """

    name: ClassVar[str]
    splits: ClassVar[tuple[str, ...]]


TaskT = TypeVar("TaskT", bound=Named)


@dataclass(frozen=True)
class Suite:
    """A fixed set of tasks.

    Attributes:
        name: its key.
        version: counts changes of what its episodes are; results of two versions do not compare.
        tasks: names of its tasks. Their order counts: seed s has task s modulo their number.
        held_out: those of them that training never shows; the split `kind` has them alone, and all
            other splits the others.
    """

    name: str
    version: int
    tasks: tuple[str, ...]
    held_out: tuple[str, ...] = ()

    def tasks_in(self, split: str) -> tuple[str, ...]:
        """Return the names of the tasks that a split has."""
        wanted = split == KIND_SPLIT
        return tuple(task for task in self.tasks if (task in self.held_out) == wanted)


class Registry(Generic[TaskT]):
    """The tasks and suites of one kind of environment.

    Entry points of other packages are looked at where a name is not among those that are known, so
    that a worker process finds what its parent found.

    Args:
        base: what every task here is a subclass of.
        tasks: classes by name.
        suites: of those tasks.

    Attributes:
        tasks: name -> class, of what was loaded so far.
        suites: name -> suite, of what was loaded so far.
    """

    def __init__(
        self, base: type[TaskT], tasks: dict[str, type[TaskT]], suites: Iterable[Suite]
    ) -> None:
        self._base = base
        self.tasks = dict(tasks)
        self.suites = {suite.name: suite for suite in suites}
        self._shipped = {*self.tasks, *self.suites}

    def make_task(self, name: str) -> TaskT:
        """Return a new task.

        Raises:
            UnknownName: there is none of that name.
            ExtensionError: the package that offers it cannot be used.
        """
        self.knows(name)
        return look_up("task", name, self.tasks)()

    def tasks_of(self, name: str, split: str = "seen") -> tuple[str, ...]:
        """Return the names of a suite's tasks in a split; a task's own name is a suite of one.

        Raises:
            UnknownName: there is none of that name.
            ExtensionError: the package that offers it cannot be used.
        """
        self.knows(name)
        tasks = {task: (task,) for task in self.tasks}
        suites = {
            suite.name: suite.tasks_in(split) if suite.held_out else suite.tasks
            for suite in self.suites.values()
        }
        return look_up("suite or task", name, tasks | suites)

    def splits_of(self, name: str) -> tuple[str, ...]:
        """Return the splits of a suite or task: those that all of its tasks have.

        Raises:
            UnknownName: there is none of that name.
            ExtensionError: the package that offers it cannot be used.
        """
        first, *others = [self.tasks[task].splits for task in self.tasks_of(name)]
        common = tuple(split for split in first if all(split in other for other in others))
        has_kinds = name in self.suites and self.suites[name].held_out and KIND_SPLIT not in common
        return (*common, KIND_SPLIT) if has_kinds else common

    def knows(self, name: str) -> bool:
        """Return whether there is such a suite or task, and load it where a package offers it.

        Raises:
            ExtensionError: two packages claim the name, or the package cannot be used.
        """
        if name in self._shipped:
            for group in (TASKS, SUITES):
                check_unclaimed(group, name)
            return True
        if name in self.tasks or name in self.suites:
            return True
        task, suite = load_extension(TASKS, name), load_extension(SUITES, name)
        if task is not None and suite is not None:
            raise clash(name, *(offers(group)[name][0].value for group in (TASKS, SUITES)))
        if isinstance(task, type) and issubclass(task, self._base):
            _check_called(name, task.name)
            self.add_task(task)
        elif isinstance(suite, Suite) and suite.tasks and all(map(self.knows, suite.tasks)):
            _check_called(name, suite.name)
            self.add_suite(suite)
        return name in self.tasks or name in self.suites

    def accepts(self, task: type[object]) -> bool:
        """Return whether a class is a task of this kind of environment."""
        return issubclass(task, self._base)

    def add_task(self, task: type[TaskT]) -> None:
        """Add a task; it joins no suite.

        Raises:
            ValueError: the class has no name, or another task or suite has it.
        """
        name = getattr(task, "name", "")
        if not (isinstance(name, str) and name):
            raise ValueError(f"{task.__name__} has no name; give the class a `name`")
        if self.tasks.get(name) not in (None, task) or name in self.suites:
            raise ValueError(f"there is a task or suite {name!r} already; rename yours")
        self.tasks[name] = task

    def add_suite(self, suite: Suite) -> None:
        """Add a suite of tasks that are known.

        Raises:
            UnknownName: one of its tasks is not.
            ValueError: it has no tasks, or another task or suite has its name.
        """
        if not suite.tasks:
            raise ValueError(f"the suite {suite.name!r} has no tasks; name one or more")
        for task in suite.tasks:
            self.make_task(task)
        if self.suites.get(suite.name) not in (None, suite) or suite.name in self.tasks:
            raise ValueError(f"there is a task or suite {suite.name!r} already; rename yours")
        self.suites[suite.name] = suite


def _check_called(name: str, own: str) -> None:
    """Refuse an entry point whose name is not its task's or suite's own."""
    if name != own:
        raise ExtensionError(
            f"the entry point {name!r} offers what calls itself {own!r}; give both the same name"
        )
