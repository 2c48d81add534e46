"""The list of moved modules leads to modules that are there; the version is told alike."""

import re
import tomllib

import handeye
from tests.docs.pages import ROOT

MODULE = re.compile(r"^\| `([\w.]+)` \| `([\w.]+)` \|$", re.MULTILINE)
CLASS = re.compile(r"^\| `\w+` \| `(\w+)` \| `([\w.]+)` \|$", re.MULTILINE)
PAGE = (ROOT / "docs" / "moved_modules.md").read_text()
PACKAGE = ROOT / "src" / "handeye"


def test_moved_modules_are_where_the_page_says() -> None:
    moved = MODULE.findall(PAGE)
    assert len(moved) > 300
    for old, new in moved:
        path = PACKAGE / new.replace(".", "/")
        assert path.with_suffix(".py").is_file() or path.is_dir(), new
        assert old != new


def test_renamed_classes_are_where_the_page_says() -> None:
    renamed = CLASS.findall(PAGE)
    assert len(renamed) > 40
    for name, module in renamed:
        text = (PACKAGE / (module.replace(".", "/") + ".py")).read_text()
        assert re.search(rf"\b{name}\b", text), (name, module)


def test_the_version_is_told_alike() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert handeye.__version__ == project["version"]
    assert f"## {handeye.__version__}" in (ROOT / "CHANGELOG.md").read_text()
