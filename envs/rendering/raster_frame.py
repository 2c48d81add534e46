"""One frame from packed arrays: shadows, parts, a sweep that colours all pixels, then textures."""

import numpy as np

from handeye.base.compiled import compiled
from handeye.envs.rendering.raster_kernels import (
    BACKGROUND,
    CENTRE_X,
    CENTRE_Y,
    FACE_START,
    FACE_STOP,
    FAR,
    FOCAL,
    GROUND_BODY,
    GROUND_CENTRE,
    GROUND_HALF,
    GROUND_HEIGHT,
    HULL_FACE_START,
    HULL_FACE_STOP,
    HULL_VERTEX_START,
    HULL_VERTEX_STOP,
    LARGE_M,
    LIGHT,
    NOTHING,
    PATTERN_U,
    PATTERN_V,
    POSE_SLOT,
    SHADOW,
    SHADOW_STRENGTH,
    VERTEX_START,
    VERTEX_STOP,
    Byte,
    Double,
    Float,
    Int,
    chain,
    draw_faces,
    illuminate,
    is_outside,
    project,
    world_from_pose,
)
from handeye.envs.rendering.skin_kernels import show_skins


@compiled
def invert(rigid: Double, out: Double) -> None:
    """Write the inverse of a rigid transform (its first three rows) to `out` (3, 4)."""
    for i in range(3):
        out[i, 3] = 0.0
        for j in range(3):
            out[i, j] = rigid[j, i]
            out[i, 3] -= rigid[j, i] * rigid[j, 3]


@compiled
def flatten(camera_from_world: Double, look: Double, out: Double) -> None:
    """Write the matrix that drops world points along the light onto the ground, then views them."""
    slide = np.zeros((3, 4))
    height = look[GROUND_HEIGHT]
    for i in range(2):
        slope = look[LIGHT + i] / look[LIGHT + 2]
        slide[i, i], slide[i, 2], slide[i, 3] = 1.0, -slope, slope * height
    slide[2, 3] = height
    chain(camera_from_world, slide, out)


@compiled
def draw_parts(
    vertices: Float,
    normals: Float,
    faces: Int,
    parts: Int,
    spheres: Double,
    poses: Double,
    camera_from_world: Double,
    lens: Double,
    look: Double,
    depth: Float,
    light: Float,
    ids: Int,
) -> None:
    """Draw every part that may be in view."""
    world, camera = np.empty((3, 4)), np.empty((3, 4))
    points = np.empty((len(vertices), 4), np.float32)
    for p in range(len(parts)):
        world_from_pose(poses[parts[p, POSE_SLOT]], world)
        chain(camera_from_world, world, camera)
        if is_outside(camera, lens, spheres[p], ids.shape[1], ids.shape[0]):
            continue
        first, last = parts[p, VERTEX_START], parts[p, VERTEX_STOP]
        own = points[first:last]
        nearest = project(camera, lens, vertices[first:last], own)
        illuminate(world, look, normals[first:last], own)
        own_faces = faces[parts[p, FACE_START] : parts[p, FACE_STOP]]
        draw_faces(
            camera, lens, vertices[first:last], own, own_faces, nearest, spheres[p, 3] > LARGE_M,
            depth, light, ids,
        )  # fmt: skip


@compiled
def draw_shadows(
    vertices: Float,
    faces: Int,
    parts: Int,
    poses: Double,
    camera_from_world: Double,
    lens: Double,
    look: Double,
    depth: Float,
    light: Float,
    ids: Int,
) -> None:
    """Draw the shadow that every part's hull throws on the ground."""
    world, camera, flat = np.empty((3, 4)), np.empty((3, 4)), np.empty((3, 4))
    flatten(camera_from_world, look, flat)
    points = np.empty((len(vertices), 4), np.float32)
    points[:, 3] = 0.0
    for p in range(len(parts)):
        first, last = parts[p, HULL_VERTEX_START], parts[p, HULL_VERTEX_STOP]
        if first == last:
            continue
        world_from_pose(poses[parts[p, POSE_SLOT]], world)
        chain(flat, world, camera)
        own = points[first:last]
        nearest = project(camera, lens, vertices[first:last], own)
        own_faces = faces[parts[p, HULL_FACE_START] : parts[p, HULL_FACE_STOP]]
        draw_faces(
            camera, lens, vertices[first:last], own, own_faces, nearest, False, depth, light, ids
        )


@compiled
def locate_ground(
    row: int, rigid: Double, lens: Double, look: Double, size: int, inverse: Float, cells: Int
) -> None:
    """For each pixel of an image row: the inverse depth of the ground and its pattern cell.

    Writes `inverse` (W,) (0 where the ray misses the rectangle) and `cells` (W,), which number the
    cells of a pattern (size, size), row by row; size is a power of two.
    """
    rise = 1.0 / (look[GROUND_HEIGHT] - rigid[2, 3])
    sx, sy = -lens[CENTRE_X] / lens[FOCAL], (row - lens[CENTRE_Y]) / lens[FOCAL]
    # World direction of the ray through column 0, scaled to unit depth, and its step per column.
    x0 = np.float32(rigid[0, 0] * sx + rigid[0, 1] * sy + rigid[0, 2])
    y0 = np.float32(rigid[1, 0] * sx + rigid[1, 1] * sy + rigid[1, 2])
    i0 = np.float32(rise * (rigid[2, 0] * sx + rigid[2, 1] * sy + rigid[2, 2]))
    dx, dy = np.float32(rigid[0, 0] / lens[FOCAL]), np.float32(rigid[1, 0] / lens[FOCAL])
    di = np.float32(rise * rigid[2, 0] / lens[FOCAL])
    eye_x = np.float32(rigid[0, 3] - look[GROUND_CENTRE])
    eye_y = np.float32(rigid[1, 3] - look[GROUND_CENTRE + 1])
    half_x, half_y = np.float32(look[GROUND_HALF]), np.float32(look[GROUND_HALF + 1])
    ux, uy = np.float32(look[PATTERN_U]), np.float32(look[PATTERN_U + 1])
    vx, vy = np.float32(look[PATTERN_V]), np.float32(look[PATTERN_V + 1])
    farthest, zero = np.float32(1.0 / lens[FAR]), np.float32(0.0)
    mask, offset = np.int32(size - 1), np.float32(64 * size)  # keeps cell numbers positive
    for column in range(len(inverse)):
        step = np.float32(column)
        i = max(i0 + step * di, farthest)
        x = eye_x + (x0 + step * dx) / i
        y = eye_y + (y0 + step * dy) / i
        inside = (abs(x) <= half_x) & (abs(y) <= half_y) & (i > farthest)
        inverse[column] = i if inside else zero
        u = np.int32(x * ux + y * uy + offset) & mask
        v = np.int32(x * vx + y * vy + offset) & mask
        cells[column] = v * np.int32(size) + u


@compiled
def sweep(
    colours: Float,
    bodies: Int,
    pattern: Byte,
    ground_colours: Byte,
    rigid: Double,
    lens: Double,
    look: Double,
    nearest: Float,
    light: Float,
    materials: Int,
    rgb: Byte,
    depth: Float,
    segmentation: Int,
) -> None:
    """Turn the buffers `nearest`, `light`, `materials` into `rgb`, `depth` and `segmentation`.

    The ground shows where it is nearer than any part or where only a shadow was drawn.
    """
    height, width = materials.shape
    texels = pattern.ravel()
    ground, cells = np.empty(width, np.float32), np.empty(width, np.int32)
    farthest, zero, one = np.float32(1.0 / lens[FAR]), np.float32(0.0), np.float32(1.0)
    body = np.int32(look[GROUND_BODY])
    wall = np.empty(3, np.uint8)
    for row in range(height):
        locate_ground(row, rigid, lens, look, len(pattern), ground, cells)
        mix = row / height
        for c in range(3):
            top, bottom = look[BACKGROUND + c], look[BACKGROUND + 3 + c]
            wall[c] = np.uint8(top + mix * (bottom - top))
        for column in range(width):
            inverse, material = nearest[row, column], materials[row, column]
            if ground[column] > zero and (material < 0 or ground[column] > inverse):
                shadow = 1 if material == SHADOW else 0
                texel = texels[cells[column]]
                rgb[row, column, 0] = ground_colours[shadow, texel, 0]
                rgb[row, column, 1] = ground_colours[shadow, texel, 1]
                rgb[row, column, 2] = ground_colours[shadow, texel, 2]
                depth[row, column], segmentation[row, column] = one / ground[column], body
            elif material >= 0 and inverse > farthest:
                shade = light[row, column]
                rgb[row, column, 0] = np.uint8(shade * colours[material, 0])
                rgb[row, column, 1] = np.uint8(shade * colours[material, 1])
                rgb[row, column, 2] = np.uint8(shade * colours[material, 2])
                depth[row, column], segmentation[row, column] = one / inverse, bodies[material]
            else:
                rgb[row, column, 0] = wall[0]
                rgb[row, column, 1] = wall[1]
                rgb[row, column, 2] = wall[2]
                depth[row, column], segmentation[row, column] = zero, NOTHING


@compiled
def draw_frame(
    vertices: Float,
    normals: Float,
    faces: Int,
    hull_vertices: Float,
    hull_faces: Int,
    parts: Int,
    spheres: Double,
    bodies: Int,
    colours: Float,
    look: Double,
    pattern: Byte,
    ground_colours: Byte,
    skin_of_material: Int,
    skins: Double,
    atlas: Byte,
    poses: Double,
    rigid: Double,
    lens: Double,
    rgb: Byte,
    depth: Float,
    segmentation: Int,
) -> None:
    """Draw one view into `rgb` (H, W, 3), `depth` (H, W) and `segmentation` (H, W)."""
    camera_from_world = np.empty((3, 4))
    invert(rigid, camera_from_world)
    # Small buffers of its own stay in the cache; the outputs of a long batch would not.
    nearest = np.zeros(depth.shape, np.float32)
    light = np.empty(depth.shape, np.float32)
    materials = np.full(depth.shape, NOTHING, np.int32)
    if look[SHADOW_STRENGTH] > 0.0:
        draw_shadows(
            hull_vertices, hull_faces, parts, poses, camera_from_world, lens, look,
            nearest, light, materials,
        )  # fmt: skip
    draw_parts(
        vertices, normals, faces, parts, spheres, poses, camera_from_world, lens, look,
        nearest, light, materials,
    )  # fmt: skip
    sweep(
        colours, bodies, pattern, ground_colours, rigid, lens, look, nearest, light, materials,
        rgb, depth, segmentation,
    )  # fmt: skip
    if len(skins) > 0:
        show_skins(
            skins, skin_of_material, atlas, colours, rigid, lens, nearest, light, materials, depth,
            rgb,
        )  # fmt: skip
