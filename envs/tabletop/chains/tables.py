"""Tables that hold what every core task needs: a drawer, a zone, buttons, a container, graspables.

No two objects share kind and colour, so that each of them has a name whatever is moved about.
"""

import numpy as np

from handeye.envs.tabletop.tasks.stack import BASES
from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.palette import Palette
from handeye.envs.tabletop.world.scene import (
    DRAWER_DISCS,
    PLACEMENT_X_M,
    PLACEMENT_Y_M,
    ObjectSpec,
    Scene,
    SceneObject,
    free_pose,
)

DRAWER_AT_M = (0.36, 0.185)  # x, and y to either side: at the edge, which leaves room for the rest
BUTTONS, GRASPABLES, LARGE_BASES = 2, 4, 2
ZONE_RADIUS_M = 0.065  # as far as others keep clear of it: they may come near its corners
PLACEMENT = "placement"  # the split that draws places from all that arm and camera reach
WIDE_X_M, WIDE_Y_M = (0.33, 0.675), (-0.23, 0.23)


def mixed_specs(rng: np.random.Generator, split: str) -> list[ObjectSpec]:
    """Return the objects of a table before they are placed.

    Under the split `combination` one object of each sort (graspable, container, button, zone,
    drawer) has a colour that its kind never has in training.
    """
    bases, fillers = Palette(rng, split), Palette(rng, "seen")
    specs = [ObjectSpec(*bases.pair(BASES), "large")]
    fillers.used = bases.used
    specs += [ObjectSpec(*fillers.pair(BASES), "large") for _ in range(LARGE_BASES - 1)]
    first = specs[0]
    loose = [fillers.pair(shapes.GRASPABLE_KINDS, colour=first.colour)]
    loose += [fillers.pair(shapes.GRASPABLE_KINDS) for _ in range(GRASPABLES - LARGE_BASES - 1)]
    specs += [ObjectSpec(*pair, "small" if rng.random() < 0.6 else "large") for pair in loose]
    specs += Palette(rng, split).containers(1)
    specs += Palette(rng, split).same_kind("button", BUTTONS)
    specs += Palette(rng, split).same_kind("zone", 1)
    return specs + Palette(rng, split).same_kind("drawer", 1)


def mixed_table(rng: np.random.Generator, split: str) -> Scene:
    """Sample a table.

    Raises:
        SceneSamplingError: an object found no free place.
    """
    specs = mixed_specs(rng, split)
    side = 1.0 if rng.random() < 0.5 else -1.0
    x, y = DRAWER_AT_M[0], DRAWER_AT_M[1] * side
    discs = [(x + dx, y, radius) for dx, radius in DRAWER_DISCS]
    poses = {len(specs) - 1: (x, y, 0.0)}
    for i in sorted(range(len(specs) - 1), key=lambda i: -specs[i].radius_m):
        wide = split == PLACEMENT and specs[i].kind not in ("button", "zone")
        within = (WIDE_X_M, WIDE_Y_M) if wide else (PLACEMENT_X_M, PLACEMENT_Y_M)
        poses[i] = free_pose(specs[i], discs, rng, within)
        discs.append(
            (*poses[i][:2], ZONE_RADIUS_M if specs[i].kind == "zone" else specs[i].radius_m)
        )
    return Scene(tuple(_object(spec, i, poses[i]) for i, spec in enumerate(specs)))


def _object(spec: ObjectSpec, index: int, pose: tuple[float, float, float]) -> SceneObject:
    size = f"{spec.size}_" if spec.size else ""
    name = f"{size}{spec.colour}_{spec.kind}_{index}"
    return SceneObject(name, spec.kind, spec.colour, spec.size, (*pose[:2], 0.0), pose[2])
