"""Tasks and suites are found by name, ours and those of other packages, in every process."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from handeye.base.names import UnknownName
from handeye.envs import suites
from handeye.envs.core import extensions
from handeye.envs.core.extensions import ExtensionError
from handeye.envs.core.registry import Suite
from handeye.envs.rooms.registry import ROOMS
from handeye.envs.suites import make_suite_env, register_suite, register_task, tasks_of, world_of
from handeye.envs.tabletop.registry import TABLETOP
from handeye.envs.tabletop.tasks.reach import Reach
from handeye.envs.vector.worker import run_jobs

MODULE = """
from handeye.envs.core.registry import Suite
from handeye.envs.tabletop.tasks.reach import Reach

class Touch(Reach):
    '''Touch the named object.'''
    name = "touch"

TOUCHING = Suite("touching", 3, ("touch", "reach"))
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Write a package with entry points where imports find it; forget it afterwards."""

    def write(package: str, module: str = MODULE, **points: str) -> None:
        (tmp_path / f"{package}.py").write_text(module)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        lines = [f"[handeye.{group}]\n{point}\n" for group, point in points.items()]
        (info / "entry_points.txt").write_text("\n".join(lines))
        extensions.offers.cache_clear()

    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)
    with patch.dict(TABLETOP.tasks), patch.dict(TABLETOP.suites), patch.dict(ROOMS.tasks):
        yield write
    for name in set(sys.modules) - known:
        if name.startswith("strange_"):
            del sys.modules[name]
    extensions.offers.cache_clear()


def test_a_task_and_a_suite_of_another_package_are_found_by_name(install: Install) -> None:
    install("strange_a", tasks="touch = strange_a:Touch", suites="touching = strange_a:TOUCHING")
    assert tasks_of("touching") == ("touch", "reach")
    assert world_of("touch") is suites.TABLETOP
    env = make_suite_env("touching", cameras=())
    env.sample_episode(seed=0)
    assert env.task.name == "touch"
    assert TABLETOP.suites["touching"].version == 3
    assert "touch" not in tasks_of("tabletop-core")


def _task_of(suite: str) -> str:
    env = make_suite_env(suite, cameras=())
    env.sample_episode(seed=0)
    return env.task.name


@pytest.mark.slow
def test_worker_processes_find_it_too(install: Install) -> None:
    install("strange_b", tasks="touch = strange_b:Touch")
    assert list(run_jobs(_task_of, ["touch"], workers=1, deadline_s=120.0)) == [("touch", "touch")]


@pytest.mark.parametrize("name", ["touch", "reach"])
def test_two_packages_with_one_name_are_both_named(install: Install, name: str) -> None:
    module = MODULE.replace('"touch"', f'"{name}"')
    for package in ("strange_c", "strange_d"):
        install(package, module, tasks=f"{name} = {package}:Touch")
    owners = r"(handeye and )?strange_[cd] and strange_[cd]"
    with pytest.raises(ExtensionError, match=rf"'{name}'.*{owners}"):
        world_of(name)
    with pytest.raises(ExtensionError, match=rf"'{name}'.*{owners}"):
        make_suite_env(name)


def test_a_package_that_fails_to_import_is_named(install: Install) -> None:
    install("strange_e", "import no_such_module_here", tasks="touch = strange_e:Touch")
    with pytest.raises(ExtensionError, match=r"'touch' of the package strange_e .*ModuleNotFound"):
        make_suite_env("touch")
    with pytest.raises(ExtensionError, match="strange_e"):
        suites.load_extensions()


@pytest.mark.parametrize("offered", ["strange_f:MODULE", "strange_f:Plain"])
def test_what_is_no_task_is_refused(install: Install, offered: str) -> None:
    install("strange_f", "MODULE = 3\nclass Plain: name = 'touch'", tasks=f"touch = {offered}")
    with pytest.raises(ExtensionError, match="is no task that any environment knows"):
        world_of("touch")


def test_an_entry_point_has_its_tasks_name(install: Install) -> None:
    install("strange_g", tasks="tap = strange_g:Touch")
    with pytest.raises(ExtensionError, match="'tap' offers what calls itself 'touch'"):
        world_of("tap")


def test_tasks_and_suites_can_be_registered_in_one_process(install: Install) -> None:
    class Poke(Reach):
        """Touch."""

        name = "poke"

    register_task(Poke)
    register_suite(Suite("poking", 1, ("poke",)))
    assert tasks_of("poking") == ("poke",)
    assert world_of("poking").registry.splits_of("poking") == Reach.splits
    with pytest.raises(ValueError, match="already"):
        register_task(type("Other", (Reach,), {"name": "poke"}))
    with pytest.raises(UnknownName, match="'jab'"):
        register_suite(Suite("jabbing", 1, ("jab",)))
    with pytest.raises(ValueError, match="no tasks"):
        register_suite(Suite("empty", 1, ()))
    with pytest.raises(ValueError, match="is no task"):
        register_task(int)


def test_suites_are_explicit_and_have_a_version() -> None:
    for registry in (TABLETOP, ROOMS):
        for suite in registry.suites.values():
            assert suite.version >= 1
            assert set(suite.tasks) <= set(registry.tasks)
