"""Tells transformers' Auto classes about handeye's models as soon as both are imported.

    import handeye.policies
    from transformers import AutoModel, AutoProcessor      # or the other way round

    AutoModel.from_pretrained("policies/checkpoints/handeye-nano")

A process that never imports transformers, such as one of a baseline's episodes, does without: only
when somebody imports it are the models imported and registered. Where a module of handeye itself
does, it is in the midst of being imported, and registers its own model.
"""

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

TRANSFORMERS = "transformers"
MODELS = (
    "handeye.policies.token_policy.runner",
    "handeye.policies.modular.runner",
    "handeye.policies.history.runner",
    "handeye.policies.families.runner",
    "handeye.perception.eyes.processor",
    "handeye.perception.eyes.eyes",
)  # each registers models and processors when it is imported


def register_when_used() -> None:
    """Register the models if transformers is there, or else when it is imported."""
    if TRANSFORMERS in sys.modules:
        _register()
    else:
        sys.meta_path.insert(0, _Watch())


def _register() -> None:
    own = [module for name, module in sys.modules.items() if name.startswith("handeye.")]
    names = {module.__name__ for module in own if _begun(module)} - {"handeye.policies"}
    if not names:
        for name in MODELS:
            importlib.import_module(name)


def _begun(module: ModuleType) -> bool:
    """Return whether a module's import has begun and not ended."""
    return bool(getattr(module.__spec__, "_initializing", False))


class _Watch(MetaPathFinder):
    """Finds transformers as it would be found anyway, once, with `_ThenRegister` as its loader."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of transformers, None for all else."""
        if fullname != TRANSFORMERS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _ThenRegister(spec.loader)
        return spec


class _ThenRegister(Loader):
    """Loads a module and registers the models.

    Args:
        loader: that loads it.
    """

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Make the module as its loader does."""
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run the module, then register."""
        self._loader.exec_module(module)
        _register()
