"""The rules of the house, read off the source with `ast`; each failure names the file."""

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agents", "envs", "perception", "policies", "experiments")
FOLDERS = (*PACKAGES, "src/handeye/base")
SOURCES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
WINGS = {path.parent.relative_to(ROOT).as_posix() for path in SOURCES} - set(FOLDERS)
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_MODULES = 25
MAX_INHERITANCE = 3
USUAL_FILE_LINES = 300  # 95 of 100 files are not longer
README_BYTES, README_LINES = 20_000, 250
LEAST_TESTS_TO_SOURCE = 0.5  # raise this as tests come, never lower it
# Deadlines of supervised processes are in real seconds; nothing else in the simulation may be.
WALL_CLOCK_ALLOWED = {
    "envs/vector/worker.py",
    "envs/vector/worker_process.py",
    "envs/vector/vector_env.py",
}
WALL_CLOCK = {"time", "perf_counter", "monotonic", "time_ns", "perf_counter_ns", "sleep", "now"}
NUMPY_RANDOM_ALLOWED = {
    "Generator",
    "default_rng",
    "SeedSequence",
    "PCG64",
    "Philox",
    "BitGenerator",
}
DATA_MODULES_FORBIDDEN = {"pickle", "cloudpickle", "dill", "joblib", "shelve", "marshal"}
# What crosses a process boundary inside one run may be pickled; what stays on disk may not.
PICKLE_ALLOWED = {"envs/vector/worker.py", "envs/vector/worker_process.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


@functools.cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(tree_of(path)))


@functools.cache
def imported_modules(path: Path) -> tuple[str, ...]:
    """Top-level names of every module imported anywhere in a file."""
    return tuple(_imported_modules(path))


def _imported_modules(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def dotted(node: ast.AST) -> str:
    """`np.random.rand` for the attribute chain of that spelling, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        head = dotted(node.value)
        return f"{head}.{node.attr}" if head else ""
    return ""


def named_definitions(path: Path) -> Iterator[Function | ast.ClassDef]:
    """Every function and class without an underscore, those inside functions and classes too."""
    for node in nodes_of(path):
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def wing_of(path: Path) -> str:
    """`envs/rooms` for a module anywhere in that wing, "" for one that stands in a hall itself."""
    parts = path.relative_to(ROOT).parts
    return "/".join(parts[:2]) if len(parts) > 2 and parts[0] in PACKAGES else ""


def wings_imported_by(path: Path) -> Iterator[str]:
    """The other wings of the same hall that a module imports, inside functions too."""
    hall = path.relative_to(ROOT).parts[0]
    for node in nodes_of(path):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            root, *parts = name.split(".")
            wing = "/".join(parts[:2])
            if root == "handeye" and parts[0] == hall and wing in WINGS and wing != wing_of(path):
                yield wing


def test_the_tree_is_found() -> None:
    assert len(SOURCES) > len(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_import_root_is_a_relative_link(package: str) -> None:
    link = ROOT / "src" / "handeye" / package
    assert link.is_symlink()
    assert link.readlink() == Path("..") / ".." / package


@pytest.mark.slow
def test_pybullet_is_imported_in_one_file() -> None:
    importers = {name_of(p) for p in SOURCES if "pybullet" in set(imported_modules(p))}
    assert importers <= {"envs/core/physics.py"}


def test_the_package_is_imported_by_its_full_name() -> None:
    bare = [
        f"{name_of(path)}: import handeye.{module}, not {module}"
        for path in SOURCES
        for module in imported_modules(path)
        if module in PACKAGES
    ]
    assert not bare


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in SOURCES}
    assert {name: n for name, n in lengths.items() if n > MAX_FILE_LINES} == {}
    usual = sorted(lengths.values())[round(0.95 * (len(lengths) - 1))]
    assert usual <= USUAL_FILE_LINES


def test_folders_are_surveyed_at_a_glance() -> None:
    modules = Counter(name_of(path.parent) for path in SOURCES if path.name != "__init__.py")
    assert {name: n for name, n in modules.items() if n > MAX_MODULES} == {}


def test_no_two_wings_of_a_hall_import_each_other() -> None:
    known = {(wing_of(path), other) for path in SOURCES for other in wings_imported_by(path)}
    assert [pair for pair in known if pair[::-1] in known and pair[0] < pair[1]] == []


def test_inheritance_is_shallow() -> None:
    bases = {
        node.name: [dotted(base).rpartition(".")[2] for base in node.bases]
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef)
    }

    def depth(name: str, below: tuple[str, ...] = ()) -> int:
        if name not in bases or name in below:
            return 0
        return 1 + max([depth(base, (*below, name)) for base in bases[name]], default=0)

    assert {name: depth(name) for name in bases if depth(name) > MAX_INHERITANCE} == {}


def test_the_front_page_is_read_in_minutes() -> None:
    text = (ROOT / "README.md").read_text()
    assert len(text.encode()) <= README_BYTES
    assert len(text.splitlines()) <= README_LINES


def test_functions_are_short() -> None:
    long = [
        f"{name_of(path)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, Function)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not long


def test_everything_named_has_a_docstring() -> None:
    bare = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in named_definitions(path)
        if ast.get_docstring(node) is None and not is_overload_or_setter(node)
    ]
    bare += [name_of(p) for p in SOURCES if tree_of(p).body and not ast.get_docstring(tree_of(p))]
    assert not bare


def is_overload_or_setter(node: Function | ast.ClassDef) -> bool:
    names = [dotted(decorator) for decorator in node.decorator_list]
    return any(name == "overload" or name.endswith(".setter") for name in names)


def test_packages_export_few_names() -> None:
    for path in SOURCES:
        if path.name != "__init__.py":
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.Assign) and dotted(node.targets[0]) == "__all__":
                assert isinstance(node.value, ast.List | ast.Tuple)
                assert len(node.value.elts) <= 10, name_of(path)


@pytest.mark.slow
def test_no_global_random_numbers() -> None:
    found = []
    for path in SOURCES:
        if "random" in set(imported_modules(path)):
            found.append(f"{name_of(path)}: import random")
        for node in nodes_of(path):
            name = dotted(node) if isinstance(node, ast.Attribute) else ""
            match = re.fullmatch(r"(?:np|numpy)\.random\.(\w+)", name)
            if match and match[1] not in NUMPY_RANDOM_ALLOWED:
                found.append(f"{name_of(path)}:{node.lineno} {name}")  # type: ignore[attr-defined]
            if name == "torch.manual_seed" and not name_of(path).startswith("experiments/"):
                found.append(f"{name_of(path)}:{node.lineno} {name}")  # type: ignore[attr-defined]
    assert not found


def test_the_simulation_reads_no_wall_clock() -> None:
    found = []
    for path in (ROOT / "envs").rglob("*.py"):
        if name_of(path) in WALL_CLOCK_ALLOWED:
            continue
        for node in nodes_of(path):
            if isinstance(node, ast.ImportFrom) and node.module in {"time", "datetime"}:
                found.append(f"{name_of(path)}:{node.lineno} from {node.module}")
            name = dotted(node) if isinstance(node, ast.Attribute) else ""
            head, _, tail = name.partition(".")
            if head in {"time", "datetime"} and tail.split(".")[-1] in WALL_CLOCK:
                found.append(f"{name_of(path)}:{node.lineno} {name}")  # type: ignore[attr-defined]
    assert not found


def test_nothing_is_read_from_a_pickle() -> None:
    found = [
        f"{name_of(path)}: {module}"
        for path in SOURCES
        for module in imported_modules(path)
        if module in DATA_MODULES_FORBIDDEN and name_of(path) not in PICKLE_ALLOWED
    ]
    for path in SOURCES:
        for node in nodes_of(path):
            if not isinstance(node, ast.Call) or dotted(node.func) not in {"np.load", "torch.load"}:
                continue
            # numpy refuses pickles unless asked; torch must be told to.
            options = {k.arg: getattr(k.value, "value", None) for k in node.keywords}
            if options.get("allow_pickle") or (
                dotted(node.func) == "torch.load" and options.get("weights_only") is not True
            ):
                found.append(f"{name_of(path)}:{node.lineno} {dotted(node.func)}")
    assert not found


def test_no_notes_to_self_and_no_drawer_for_everything() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    found = [
        f"{name_of(path)}:{number}"
        for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark.search(line)
    ]
    found += [name_of(p) for p in SOURCES if p.stem in {"utils", "helpers", "common", "misc"}]
    assert not found


def test_tests_keep_their_weight() -> None:
    def lines(paths: list[Path]) -> int:
        return sum(len(path.read_text().splitlines()) for path in paths)

    tests = lines(list((ROOT / "tests").rglob("*.py")))
    assert tests >= LEAST_TESTS_TO_SOURCE * lines(SOURCES)
