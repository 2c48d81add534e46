"""docs/extending.md as a package: its files and entry points, found by name in worker processes."""

import json
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from handeye.agents.core.tools import Tool
from handeye.agents.tools.robot import Robot
from handeye.envs.core import extensions
from handeye.envs.suites import TABLETOP
from handeye.experiments.actors.agent_worlds import tool_set_of
from handeye.experiments.cli import main
from tests.docs.pages import ROOT, blocks

PAGE = ROOT / "docs" / "extending.md"
TASK_LINES = 40


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's package as pip installs it: modules, and metadata with the entry points."""
    files = {block.file: block.code for block in blocks(PAGE) if block.file}
    project = tomllib.loads(files.pop("pyproject.toml"))["project"]
    for name, code in files.items():
        (tmp_path / name).write_text(code)
    metadata = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines: list[str] = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    extensions.offers.cache_clear()
    known = dict(TABLETOP.registry.tasks), dict(TABLETOP.registry.suites)
    yield tmp_path
    TABLETOP.registry.tasks, TABLETOP.registry.suites = known
    extensions.offers.cache_clear()
    for name in files:
        sys.modules.pop(Path(name).stem, None)


@pytest.mark.slow
def test_what_a_package_offers_reaches_worker_processes(installed: Path) -> None:
    flags = ["--policy.path", "towards-colour", "--suite", "table-service", "--episodes", "1"]
    flags += ["--workers", "1", "--films", "0", "--necessity_episodes", "0"]
    assert main(["evaluate", *flags, "--output_dir", str(installed / "run")]) == 0
    info = json.loads((installed / "run" / "eval_info.json").read_text())
    assert set(info["per_task"]) == {"serve", "put_in"}
    assert info["lost"] == 0
    assert info["policy_id"] == "towards-colour"


def test_the_tool_measures_what_it_says() -> None:
    shown = next(block.code for block in blocks(PAGE) if "def height(" in block.code)
    namespace: dict[str, Any] = {}
    exec(shown.partition("\n\n\nagent, env")[0], namespace)
    world = tool_set_of("press_button")
    env = world.env("press_button", max_steps=10)
    robot = Robot(env)
    robot.reset(1_000_000)
    tool = Tool.of(namespace["height"], world.bench(robot, world.perception("truth", env)))
    colour = next(thing.colour for thing in env.scene.objects if thing.kind == "button")
    result = tool.function(words=f"{colour} button")
    assert result.ok
    assert 0.01 < result.data["top_m"] < 0.1
    assert tool.spec.description.startswith("Tell how high")
    env.close()


def test_a_task_stays_small() -> None:
    task = next(block.code for block in blocks(PAGE) if block.file == "my_tasks.py")
    assert len([line for line in task.splitlines() if line.strip()]) <= TASK_LINES
