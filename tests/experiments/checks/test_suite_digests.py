"""Shipped suites stay what they were, whatever is added beside them."""

import json
import subprocess
import sys

import pytest

from handeye.envs.suites import WORLDS
from handeye.experiments.checks.suite_digests import KEPT, suite_splits

# What a stranger might add is added before anything of handeye that could depend on it is imported.
WITH_ADDITIONS = """
import json, re, sys
from handeye.envs.base.colours import add_colour
from handeye.envs.rooms.apartments.apartment import PIECES, Piece
from handeye.envs.tabletop.world.kinds import add_prism_kind
from handeye.envs.tabletop.world.shapes import Prism
add_colour("teal", (0.0, 0.5, 0.5))
add_prism_kind("pentagon", corners=5, small=Prism(0.018, 0.028), large=Prism(0.027, 0.040))
PIECES["stool"] = Piece(0.4, 0.4, 0.5)

from handeye.envs.rooms.long import sampling
from handeye.envs.rooms.tasks import RoomTask
from handeye.envs.suites import register_suite, register_task
from handeye.envs.core.registry import Suite
from handeye.envs.tabletop.long.kind import Kind
from handeye.envs.tabletop.long.registry import KINDS
from handeye.envs.tabletop.tasks.reach import Reach
from handeye.envs.rooms.tasks.room_goal import RoomGoalTask

class Touch(Reach):
    name = "a_touch"

class Stroll(RoomGoalTask):
    name = "a_stroll"

def a_kind(builder):
    raise AssertionError("no family names this kind")

register_task(Touch)
register_task(Stroll)
register_suite(Suite("own", 1, ("a_touch", "reach")))
KINDS["a_kind"] = Kind(a_kind)
sampling.KINDS["a_kind"] = next(iter(sampling.KINDS.values()))

from handeye.experiments.checks.suite_digests import suite_digest
wanted = json.load(sys.stdin)
named = {name: re.sub(" v[0-9]+/", "/", name).split("/") for name in wanted}
json.dump({name: suite_digest(*of) for name, of in named.items()}, sys.stdout)
"""


@pytest.mark.parametrize(
    "splits",
    [
        pytest.param(("seen",), marks=pytest.mark.slow),
        pytest.param(None, marks=pytest.mark.heavy, id="all"),
    ],
)
def test_what_is_added_changes_no_shipped_suite(splits: tuple[str, ...] | None) -> None:
    """Another task, kind, colour, piece of furniture and suite: the shipped episodes are equal."""
    kept = json.loads(KEPT.read_text())
    kept = {name: kept[name] for name in kept if not splits or name.endswith(splits)}
    run = [sys.executable, "-c", WITH_ADDITIONS]
    found = subprocess.run(
        run, input=json.dumps(list(kept)), capture_output=True, text=True, timeout=280
    )
    assert found.stdout, found.stderr
    assert json.loads(found.stdout) == kept


def test_every_shipped_suite_and_split_has_a_digest() -> None:
    versions = {s.name: s.version for world in WORLDS for s in world.registry.suites.values()}
    shipped = {f"{name} v{versions[name]}/{split}" for name, split in suite_splits()}
    assert shipped == set(json.loads(KEPT.read_text()))
