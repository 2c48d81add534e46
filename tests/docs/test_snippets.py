"""Every code block and command of the README and of docs/ runs, or says why it does not.

Python blocks of a page run in order in one namespace, its commands between them through the command
line of this process, all in a folder of their own. Commands run at a small size and agents with the
truth; of one behind `<!-- not run: reason -->` the flags are read alone, Python is compiled alone.
A block behind `<!-- file: name -->` is that file's contents; later blocks can import or name it.
"""

import importlib.util
import re
import shlex
import sys
import tomllib
import typing
from pathlib import Path

import gymnasium
import pytest

from handeye.envs.suites import TABLETOP
from handeye.envs.tabletop.env import TabletopEnv
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.scene import COLOURS
from handeye.experiments import cli
from tests.docs.pages import INDENTED_COMMAND, ROOT, Block, blocks, commands, pages

SMALLER = {
    "collect": "--episodes 1 --workers 0",
    "evaluate": "--episodes 1 --necessity_episodes 0 --workers 0 --films 0",
    "evaluate-eyes": "--frames 1",
    "agent": "--no-foresee --tools truth --calls 2",
    "replay": "--episodes 1",
}  # Flags behind the page's own, of which the last counts.
CHEAPER = {"tabletop-core": "reach", "tabletop-long": "buttons"}  # One task stands for its suite.
LANGUAGES = {"python", "sh", "json", "toml", "mermaid", "text", ""}
PAGES = [page for page in pages() if any(True for _ in blocks(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_shows_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(TABLETOP.registry, "tasks", {**TABLETOP.registry.tasks})
    namespace: dict[str, typing.Any] = {"__name__": "__page__"}
    for block in blocks(page):
        where = f"{name_of(page)}:{block.line}"
        if block.file:
            (tmp_path / block.file).write_text(block.code)
            monkeypatch.delitem(sys.modules, Path(block.file).stem, raising=False)
        elif block.language == "python":
            code = compile("\n" * (block.line - 1) + block.code, str(page), "exec")
            if not block.reason:
                exec(code, namespace)
        elif block.language == "sh":
            for command in commands(block):
                carry_out(command, block, where)
    for value in namespace.values():
        if isinstance(value, gymnasium.Env):
            value.close()


def carry_out(line: str, block: Block, where: str) -> None:
    """Run a command of handeye; of others see that what they name is there."""
    program, *arguments = shlex.split(line, comments=True)
    if program.endswith("handeye"):
        if block.reason:
            parse(arguments)
        else:
            smaller = shlex.split(SMALLER.get(arguments[0], ""))
            cheaper = [CHEAPER.get(word, word) for word in arguments]
            assert cli.main([*cheaper, *smaller]) in (0, 1), f"{where}: {line}"
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text()
        for target in (word for word in arguments if "=" not in word):
            assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), f"{where}: {line}"
    elif program == "torchrun":
        module = arguments.index("-m") + 1
        assert arguments[module] == cli.__name__, f"{where}: {line}"
        parse(arguments[module + 1 :])
    elif program == "python" and arguments[0] == "-m":
        assert importlib.util.find_spec(arguments[1]) is not None, f"{where}: {line}"
    elif program == "pip":
        extras = re.search(r"handeye\[([\w,]+)\]", line)
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        for extra in extras[1].split(",") if extras else ():
            assert extra in project["optional-dependencies"], f"{where}: {line}"
    else:
        raise AssertionError(f"{where}: no test knows what {program} is")


def parse(arguments: list[str]) -> typing.Any:
    """Return the config that a command's flags make; a wrong flag ends the test."""
    return cli.parse(arguments[0], cli.COMMANDS[arguments[0]], arguments[1:])


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_blocks_are_fenced_and_of_a_known_language(page: Path) -> None:
    assert not INDENTED_COMMAND.search(page.read_text()), "commands stand in ```sh blocks"
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{name_of(page)}:{block.line}"


OWN_WORDS = [
    (name_of(page), shlex.split(line, comments=True))
    for page in PAGES
    for block in blocks(page)
    if block.language == "sh"
    for line in commands(block)
    if re.match(r'handeye agent +["\']', line)
]


@pytest.mark.parametrize(("page", "words"), OWN_WORDS, ids=lambda value: str(value)[:40])
def test_own_words_name_what_stands_in_the_scene(page: str, words: list[str]) -> None:
    config = parse(words[1:])
    env = TabletopEnv(config.task, cameras=())
    env.reset(seed=config.seed)
    there = {f"{thing.colour} {thing.kind}" for thing in env.scene.objects}
    env.close()
    pairs = [f"{colour} {kind}" for colour in COLOURS for kind in shapes.KINDS]
    spoken = {pair for pair in pairs if re.search(rf"\b{pair}\b", config.instruction)}
    assert spoken, f"{page}: name objects by colour and kind: {config.instruction}"
    assert spoken <= there, f"{page}: on the table are {there}"
