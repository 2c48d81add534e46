"""Write `triangle.obj`, `hexagon.obj` and `star.obj`: unit prisms made of convex parts.

Run by hand (`python envs/assets/make_prism_objs.py`). PyBullet turns each `o` group of an OBJ file
into one convex hull, so a star is a pentagonal core and five tips.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from handeye.envs.tabletop.world import shapes
from handeye.envs.tabletop.world.collision import prism_outline


def convex_parts(kind: str) -> list[NDArray[np.float64]]:
    """Outlines (K, 2), counter-clockwise, of the convex pieces of a unit prism's base."""
    outline = prism_outline(kind, 1.0)
    if kind != "star":
        return [outline]
    tips = [outline[[2 * i - 1, 2 * i, 2 * i + 1]] for i in range(shapes.STAR_POINTS)]
    return [outline[1::2], *tips]


def main() -> None:
    """Write the files beside this script."""
    for kind in ("triangle", "hexagon", "star"):
        lines, first = [], 1
        for number, part in enumerate(convex_parts(kind)):
            n = len(part)
            lines.append(f"o part{number}")
            lines += [f"v {x:.6f} {y:.6f} {z}" for z in (0, 1) for x, y in part]
            for k in range(1, n - 1):
                lines.append(f"f {first} {first + k + 1} {first + k}")
                lines.append(f"f {first + n} {first + n + k} {first + n + k + 1}")
            for k in range(n):
                a, b = first + k, first + (k + 1) % n
                lines += [f"f {a} {b} {b + n}", f"f {a} {b + n} {a + n}"]
            first += 2 * n
        Path(__file__).with_name(f"{kind}.obj").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
