"""The compiled half of textured materials: where on a skin a pixel lies, and what it shows there.

A skin maps the world affinely to pattern cells. So once per frame its map is turned into the
camera's terms, after which a pixel's own depth and place give its cell in a few operations and with
exact perspective. Only pixels that are seen are textured (deferred shading, Deering et al. 1988),
in a pass of its own: a frame without skins never pays for it.
"""

import numpy as np

from handeye.base.compiled import compiled
from handeye.envs.rendering.raster_kernels import (
    CENTRE_X,
    CENTRE_Y,
    FOCAL,
    Byte,
    Double,
    Float,
    Int,
)

# Columns of `skins`: the map to u, the map to v, then what is mixed where.
U, V, SECOND_COLOUR, IS_TILING, LAYER, SKIN_COLUMNS = 0, 4, 8, 11, 12, 13  # COLOUR: 3, 0..255
# Columns of a map in the world: cell = (x, y, z) . AXIS + OFFSET, in cells per metre and cells.
AXIS, OFFSET = 0, 3  # AXIS: 3 columns
# Columns of a map in a camera: cell = EYE + depth * (AHEAD + RIGHT * column + DOWN * row).
EYE, RIGHT, DOWN, AHEAD = 0, 1, 2, 3

SHARE = np.float32(1.0 / 255.0)  # 255 times this rounds to 1: a full second colour comes out exact


@compiled
def view_skins(skins: Double, rigid: Double, lens: Double, out: Float) -> None:
    """Write the world's `skins` (K, SKIN_COLUMNS), as a camera at `rigid` sees them, to `out`."""
    for k in range(len(skins)):
        for first in (U, V):
            eye, right, down, ahead = skins[k, first + OFFSET], 0.0, 0.0, 0.0
            for i in range(3):
                axis = skins[k, first + AXIS + i]
                right += axis * rigid[i, 0] / lens[FOCAL]
                down += axis * rigid[i, 1] / lens[FOCAL]
                ahead += axis * rigid[i, 2]
                eye += axis * rigid[i, 3]
            out[k, first + EYE], out[k, first + RIGHT], out[k, first + DOWN] = eye, right, down
            out[k, first + AHEAD] = ahead - right * lens[CENTRE_X] - down * lens[CENTRE_Y]
        for i in range(SECOND_COLOUR, SKIN_COLUMNS):
            out[k, i] = skins[k, i]


@compiled
def share_of_second(
    skins: Float, skin: int, atlas: Byte, row: int, column: int, depth: np.float32
) -> np.float32:
    """How much (0..1) of its second colour the skin in row `skin` of `skins` shows at a pixel."""
    x, y = np.float32(column), np.float32(row)
    u = skins[skin, U + AHEAD] + skins[skin, U + RIGHT] * x + skins[skin, U + DOWN] * y
    v = skins[skin, V + AHEAD] + skins[skin, V + RIGHT] * x + skins[skin, V + DOWN] * y
    i = np.int64(np.floor(skins[skin, U + EYE] + depth * u))
    j = np.int64(np.floor(skins[skin, V + EYE] + depth * v))
    mask = np.int64(atlas.shape[1] - 1)
    if skins[skin, IS_TILING] == np.float32(0.0) and (i & mask != i or j & mask != j):
        return np.float32(0.0)
    return SHARE * np.float32(atlas[np.int64(skins[skin, LAYER]), j & mask, i & mask])


@compiled
def show_skins(
    skins: Double,
    skin_of_material: Int,
    atlas: Byte,
    colours: Float,
    rigid: Double,
    lens: Double,
    nearest: Float,
    light: Float,
    materials: Int,
    depth: Float,
    rgb: Byte,
) -> None:
    """Colour anew the pixels of a swept frame that show a material with a skin.

    Args:
        skins: (K, SKIN_COLUMNS) in the world.
        skin_of_material: (M,) rows of `skins`, -1: none.
        atlas: (T, S, S) patterns.
        colours: (M, 3) first colours, 0..255.
        rigid: World from camera.
        lens: The camera's numbers.
        nearest: (H, W) inverse depth of the nearest part.
        light: (H, W) light on it.
        materials: (H, W) its material, negative: no part.
        depth: (H, W) as swept.
        rgb: (H, W, 3) as swept.
    """
    seen = np.empty(skins.shape, np.float32)
    view_skins(skins, rigid, lens, seen)
    one = np.float32(1.0)
    for row in range(len(materials)):
        for column in range(materials.shape[1]):
            material = materials[row, column]
            if material < 0:
                continue
            skin, metres = skin_of_material[material], depth[row, column]
            # Another depth was swept where the ground lies before the part, or the part too far.
            if skin < 0 or metres != one / nearest[row, column]:
                continue
            second = share_of_second(seen, skin, atlas, row, column, metres)
            first, shade = one - second, light[row, column]
            for c in range(3):
                mix = first * colours[material, c] + second * seen[skin, SECOND_COLOUR + c]
                rgb[row, column, c] = np.uint8(shade * mix)
