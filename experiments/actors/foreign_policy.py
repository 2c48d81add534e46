"""Policies from elsewhere: a class in a module or a file of the user's, or an installed package's.

    my_module:MyPolicy     my_policy.py:MyPolicy     a name of the entry points `handeye.policies`

What is named is a class or a function that needs no arguments, or an object. It has to have
`reset(instruction)` or `reset(instruction, seed)` and `act(observation)`, which returns an action
of the environment's shape or an `Action`. Its mistakes are reported as such, and never counted as
failed episodes.
"""

import importlib
import importlib.util
import inspect
import sys
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from gymnasium import spaces

from handeye.envs.core.extensions import load_extension
from handeye.policies.policy import Action

ENTRY_POINTS = "handeye.policies"
NEEDS = "a policy has reset(instruction, seed) or reset(instruction), and act(observation)"


class PolicyFailure(ValueError):
    """Code of a policy from elsewhere could not be used; the message names cause and remedy."""


class ForeignPolicy:
    """A policy from elsewhere behind the policy protocol; its actions are checked.

    Args:
        policy: has `reset` and `act`; `policy_id`, `action_mode` and `can_terminate` are read where
            it has them. One that does not say that it can terminate is judged when it stands still.
        name: how records and messages call it where it has no `policy_id`.
        space: of the actions it may give; None while it is not known where it acts.

    Raises:
        PolicyFailure: it lacks a method, or a method takes other arguments.
    """

    def __init__(self, policy: Any, name: str, space: spaces.Space[Any] | None = None) -> None:
        self._policy, self._name, self._space = policy, name, space
        self.policy_id = str(getattr(policy, "policy_id", name))
        mode = getattr(policy, "action_mode", None)
        self.action_mode: str | None = None if mode is None else str(mode)
        self.can_terminate = bool(getattr(policy, "can_terminate", False))
        self._takes_seed = self._takes("reset", 2)
        if not self._takes_seed and not self._takes("reset", 1):
            raise PolicyFailure(f"{name}: its reset takes other arguments; {NEEDS}")
        if not self._takes("act", 1):
            raise PolicyFailure(f"{name}: its act takes other arguments; {NEEDS}")

    def acting_in(self, space: spaces.Space[Any]) -> "ForeignPolicy":
        """Return the same policy for an environment with this space of actions."""
        return ForeignPolicy(self._policy, self._name, space)

    def reset(self, instruction: str, seed: int) -> None:
        """Start an episode.

        Raises:
            PolicyFailure: its code raised.
        """
        arguments = (instruction, seed) if self._takes_seed else (instruction,)
        self._call("reset", *arguments)

    def act(self, observation: Mapping[str, Any]) -> Action:
        """Return its action.

        Raises:
            PolicyFailure: its code raised, or what it gave is no action of the environment.
        """
        decided = self._call("act", observation)
        action = decided if isinstance(decided, Action) else Action(decided)
        return action if action.terminate else action._replace(values=self._checked(action.values))

    def _checked(self, values: Any) -> Any:
        """The values in the space's type, if they have its shape and are finite."""
        space = self._space
        if space is None:
            return values
        try:
            array = np.asarray(values, dtype=space.dtype)
        except (TypeError, ValueError):
            array = None
        if array is None or array.shape != space.shape or not np.isfinite(array).all():
            raise PolicyFailure(
                f"{self._name}: its act gave {_shown(values)}; an action of this environment is a "
                f"finite array of shape {space.shape}, or an Action with such values"
            )
        return array

    def _takes(self, method: str, count: int) -> bool:
        """Whether a method can be called with so many arguments."""
        function = getattr(self._policy, method, None)
        if not callable(function):
            raise PolicyFailure(f"{self._name}: it has no {method}; {NEEDS}")
        try:
            inspect.signature(function).bind(*range(count))
        except TypeError:
            return False
        except ValueError:  # Functions written in C may have no signature.
            return count == 1 or method == "reset"
        return True

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self._policy, method)(*arguments)
        except Exception as error:
            raise PolicyFailure(
                f"{self._name}: its {method} raised {described(error)}. Mend the policy; no "
                "episode counts as failed for it"
            ) from error


def _shown(values: Any) -> str:
    """A value that is no action, in a few words."""
    shape = getattr(values, "shape", None)
    if shape is None:
        return " ".join(repr(values).split())[:80]
    numbers = np.issubdtype(values.dtype, np.number)
    broken = numbers and not np.isfinite(values).all()
    return f"an array of shape {shape}{' with values that are not finite' if broken else ''}"


def described(error: BaseException) -> str:
    """Return an error's type, message and the line that raised it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}{where}" if words else f"{type(error).__name__}{where}"


def is_spec(name: str) -> bool:
    """Return whether a name has the form `module:Class` or `file.py:Class`."""
    module, colon, attribute = name.rpartition(":")
    return bool(colon and module) and all(part.isidentifier() for part in attribute.split("."))


def whole_spec(name: str) -> str:
    """Return a spec that means the same in every folder: a file's path is absolute."""
    module, _, attribute = name.rpartition(":")
    return f"{Path(module).resolve()}:{attribute}" if module.endswith(".py") else name


def load_spec(name: str) -> ForeignPolicy:
    """Return the policy of a spec `module:Class` or `file.py:Class`.

    Raises:
        PolicyFailure: there is no such module or class, it raised, or it is no policy.
    """
    module, _, attribute = name.rpartition(":")
    loaded: Any = _imported_file(Path(module)) if module.endswith(".py") else _imported(module)
    for part in attribute.split("."):
        if not hasattr(loaded, part):
            raise PolicyFailure(f"{name}: {module} has no {attribute}; name a class or a function")
        loaded = getattr(loaded, part)
    return _made(loaded, name)


def load_installed(name: str) -> ForeignPolicy | None:
    """Return the policy that an installed package offers under a name; None if none does.

    Raises:
        ValueError: two packages offer the name, or it cannot be imported or made, or is no policy.
    """
    found = load_extension(ENTRY_POINTS, name)
    return None if found is None else _made(found, name)


def _made(found: Any, name: str) -> ForeignPolicy:
    """The policy that a class or function makes; an object is one already."""
    if inspect.isclass(found) or (callable(found) and not hasattr(found, "act")):
        try:
            inspect.signature(found).bind()
        except TypeError as error:
            raise PolicyFailure(
                f"{name} needs arguments ({error}); give them defaults, or name a function without "
                "arguments that makes the policy"
            ) from error
        except ValueError:
            pass  # Types written in C may have no signature.
        found = _guarded(found, name, "made")
    return ForeignPolicy(found, name)


def _guarded(make: Callable[[], Any], name: str, done: str) -> Any:
    try:
        return make()
    except (Exception, SystemExit) as error:
        raise PolicyFailure(f"{name} cannot be {done}: {described(error)}") from error


def _imported(module: str) -> ModuleType:
    """A module of the user's; the current folder is looked in too, as `python -m` does."""
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)
    loaded: ModuleType = _guarded(lambda: importlib.import_module(module), module, "imported")
    return loaded


def _imported_file(path: Path) -> ModuleType:
    """A file of the user's as a module; the files beside it can be imported, as in a script."""
    path = path.resolve()
    if not path.is_file():
        raise PolicyFailure(f"{path} is no file; give module:Class, or the path of a Python file")
    name = f"handeye_user_{path.stem}_{zlib.crc32(str(path).encode()):08x}"
    if name in sys.modules:
        return sys.modules[name]
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    loader = spec.loader if spec else None
    assert spec is not None
    assert loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Dataclasses look their module up.
    try:
        _guarded(lambda: loader.exec_module(module), str(path), "imported")
    except PolicyFailure:
        del sys.modules[name]
        raise
    return module
