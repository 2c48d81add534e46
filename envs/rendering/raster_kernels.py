"""The compiled half of the rasterizer: packed arrays in, one finished frame out.

A frame is made in two passes. Shadows (flattened hulls), then parts, are drawn triangle by triangle
into buffers that keep, per pixel, the nearest inverse depth, the light that falls there and a
material. One sweep then colours every pixel once, however many surfaces overlap there, and adds the
textured ground analytically. Depth is resolved as by Catmull's z-buffer (1974), light interpolated
over a triangle as by Gouraud (1971), shadows flattened as by Blinn (1988).
"""

import numpy as np
from numpy.typing import NDArray

from handeye.base.compiled import compiled

Float = NDArray[np.float32]
Double = NDArray[np.float64]
Int = NDArray[np.int32]
Byte = NDArray[np.uint8]

NOTHING, SHADOW = -1, -2  # materials below zero: not drawn, ground in shadow

# Columns of `parts`: the part's range of vertices and triangles, then those of its shadow hull.
VERTEX_START, VERTEX_STOP, FACE_START, FACE_STOP = 0, 1, 2, 3
HULL_VERTEX_START, HULL_VERTEX_STOP, HULL_FACE_START, HULL_FACE_STOP = 4, 5, 6, 7
POSE_SLOT, PART_COLUMNS = 8, 9

# Entries of `look`: light, ground and background as plain numbers.
LIGHT, AMBIENT, DIFFUSE, SHADOW_STRENGTH = 0, 3, 4, 5  # LIGHT: 3 entries, a unit vector
GROUND_CENTRE, GROUND_HALF, GROUND_HEIGHT, GROUND_BODY = 6, 8, 10, 11  # CENTRE, HALF: 2 entries
PATTERN_U, PATTERN_V = 12, 14  # 2 entries each: pattern cells per metre along x, y
BACKGROUND, LOOK_ENTRIES = 16, 22  # two colours, top and bottom row

# Entries of `lens`: the camera as plain numbers.
FOCAL, CENTRE_X, CENTRE_Y, NEAR, FAR, LENS_ENTRIES = 0, 1, 2, 3, 4, 5

# Parts of a greater radius (walls, floors) are drawn in double precision: the camera may stand
# among them, where one triangle reaches from the near plane to the far end, and single precision
# would leave pinholes along its edges and bend its depth.
LARGE_M = 1.0

# Rows of triangles wider than this are first cut down to about the columns that are inside; the
# exact test of every pixel stays, so that no picture changes. Narrow ones do not repay it.
WIDE_PX = 12
ROUNDING = 1e-6  # more than single precision loses in a few operations

WRAP = np.float32(0.25)  # how far light reaches past the terminator: keeps dark sides readable


@compiled
def world_from_pose(pose: Double, out: Double) -> None:
    """Write the (3, 4) matrix of a pose (7,) to `out`."""
    x, y, z, w = pose[3], pose[4], pose[5], pose[6]
    out[0, 0], out[0, 1] = 1 - 2 * (y * y + z * z), 2 * (x * y - z * w)
    out[1, 0], out[1, 1] = 2 * (x * y + z * w), 1 - 2 * (x * x + z * z)
    out[2, 0], out[2, 1] = 2 * (x * z - y * w), 2 * (y * z + x * w)
    out[0, 2], out[1, 2] = 2 * (x * z + y * w), 2 * (y * z - x * w)
    out[2, 2] = 1 - 2 * (x * x + y * y)
    out[0, 3], out[1, 3], out[2, 3] = pose[0], pose[1], pose[2]


@compiled
def chain(a: Double, b: Double, out: Double) -> None:
    """Write the product of two affine (3, 4) matrices to `out`."""
    for i in range(3):
        for j in range(4):
            out[i, j] = a[i, 0] * b[0, j] + a[i, 1] * b[1, j] + a[i, 2] * b[2, j]
        out[i, 3] += a[i, 3]


@compiled
def project(matrix: Double, lens: Double, local: Float, points: Float) -> float:
    """Project vertices `local` (N, 3) to columns 0-2 of `points` (N, 4): column, row, 1/depth.

    Returns the smallest depth in metres; where a depth is not positive the point means nothing.
    """
    m = matrix.astype(np.float32)
    focal, cx, cy = np.float32(lens[FOCAL]), np.float32(lens[CENTRE_X]), np.float32(lens[CENTRE_Y])
    nearest = np.float32(np.inf)
    for i in range(len(local)):
        x, y, z = local[i, 0], local[i, 1], local[i, 2]
        depth = m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3]
        inverse = np.float32(1.0) / depth
        scaled = focal * inverse
        points[i, 0] = cx + scaled * (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3])
        points[i, 1] = cy + scaled * (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3])
        points[i, 2] = inverse
        nearest = min(nearest, depth)
    return float(nearest)


@compiled
def illuminate(world: Double, look: Double, normals: Float, points: Float) -> None:
    """Write the light on vertices with local `normals` (N, 3) to column 3 of `points` (N, 4)."""
    direction = np.empty(3, np.float32)
    for i in range(3):
        direction[i] = (
            world[0, i] * look[LIGHT]
            + world[1, i] * look[LIGHT + 1]
            + world[2, i] * look[LIGHT + 2]
        )
    lx, ly, lz = direction[0], direction[1], direction[2]
    ambient, diffuse = np.float32(look[AMBIENT]), np.float32(look[DIFFUSE])
    gain = diffuse / (np.float32(1.0) + WRAP)
    for i in range(len(normals)):
        facing = lx * normals[i, 0] + ly * normals[i, 1] + lz * normals[i, 2] + WRAP
        points[i, 3] = ambient + gain * max(facing, np.float32(0.0))


@compiled
def covers_pixels(
    x0: np.float32,
    y0: np.float32,
    x1: np.float32,
    y1: np.float32,
    x2: np.float32,
    y2: np.float32,
    right: np.float32,
    bottom: np.float32,
) -> bool:
    """Whether a triangle faces the camera and its bounding box holds a pixel centre.

    Corners run counter-clockwise seen from the front, that is clockwise in numbers: rows grow
    downwards. Most triangles of a robot end here, at a few operations each.
    """
    if not (x2 - x0) * (y1 - y0) - (x1 - x0) * (y2 - y0) > np.float32(0.0):
        return False
    zero = np.float32(0.0)
    if np.floor(min(max(x0, x1, x2), right)) < np.ceil(max(min(x0, x1, x2), zero)):
        return False
    return bool(np.floor(min(max(y0, y1, y2), bottom)) >= np.ceil(max(min(y0, y1, y2), zero)))


@compiled
def narrowed(first: int, last: int, value: float, step: float, slack: float) -> tuple[int, int]:
    """The part of the columns `first`..`last` outside of which `value + column * step` is negative.

    Columns up to `slack` beyond the crossing, and one more, are kept.
    """
    if step > 0.0:
        bound = -value / step - slack
        if bound > first:
            first = last + 1 if bound > last else int(bound)
    elif step < 0.0:
        bound = -value / step + slack
        if bound < last:
            last = first - 1 if bound < first else int(bound) + 1
    return first, last


@compiled
def fill_triangle(
    points: Float | Double,
    a: int,
    b: int,
    c: int,
    material: int,
    depth: Float,
    light: Float,
    ids: Int,
) -> None:
    """Draw one triangle whose corners are rows `a`, `b`, `c` of `points`, if it faces here.

    It calculates in the precision of `points`.
    """
    x0, y0, x1, y1 = points[a, 0], points[a, 1], points[b, 0], points[b, 1]
    x2, y2 = points[c, 0], points[c, 1]
    area = (x2 - x0) * (y1 - y0) - (x1 - x0) * (y2 - y0)
    zero, one = np.float32(0.0), np.float32(1.0)
    if not area > zero:
        return
    left = int(np.ceil(max(min(x0, x1, x2), zero)))
    right = int(np.floor(min(max(x0, x1, x2), np.float32(ids.shape[1] - 1))))
    top = int(np.ceil(max(min(y0, y1, y2), zero)))
    bottom = int(np.floor(min(max(y0, y1, y2), np.float32(ids.shape[0] - 1))))
    scale = one / area
    u_dx, u_dy = (y2 - y1) * scale, (x1 - x2) * scale
    v_dx, v_dy = (y0 - y2) * scale, (x2 - x0) * scale
    z, z_u, z_v = points[c, 2], points[a, 2] - points[c, 2], points[b, 2] - points[c, 2]
    s, s_u, s_v = points[c, 3], points[a, 3] - points[c, 3], points[b, 3] - points[c, 3]
    wide = right - left >= WIDE_PX
    w_dx = -u_dx - v_dx
    for row in range(top, bottom + 1):
        u_row = (np.float32(row) - y1) * u_dy - x1 * u_dx
        v_row = (np.float32(row) - y2) * v_dy - x2 * v_dx
        first, last = left, right
        if wide:
            first, last = narrowed(first, last, u_row, u_dx, 1.0)
            first, last = narrowed(first, last, v_row, v_dx, 1.0)
            rounding = ROUNDING * (abs(u_row) + abs(v_row) + one) / abs(w_dx)
            first, last = narrowed(first, last, one - u_row - v_row, w_dx, 1.0 + rounding)
        for column in range(first, last + 1):
            u = u_row + np.float32(column) * u_dx
            v = v_row + np.float32(column) * v_dx
            if u >= zero and v >= zero and u + v <= one:
                inverse = z + u * z_u + v * z_v
                if inverse > depth[row, column]:
                    depth[row, column] = inverse
                    light[row, column] = s + u * s_u + v * s_v
                    ids[row, column] = material


@compiled
def clip_triangle(
    matrix: Double, lens: Double, local: Float, shade: Float, face: Int, clipped: Float | Double
) -> int:
    """Cut a triangle at the near plane; write 0, 3 or 4 projected corners to `clipped` (4, 4).

    `local` (N, 3) are the part's vertices, `shade` (N, 4) its points (column 3: light), `face`
    the three vertex indices. Sutherland and Hodgman (1974), for one plane.
    """
    corners = np.empty((3, 4))
    for i in range(3):
        vertex = local[face[i]]
        for j in range(3):
            corners[i, j] = matrix[j, 3]
            for k in range(3):
                corners[i, j] += matrix[j, k] * vertex[k]
        corners[i, 3] = shade[face[i], 3]
    count = 0
    for i in range(3):
        here, after = corners[i], corners[(i + 1) % 3]
        inside, next_inside = here[2] >= lens[NEAR], after[2] >= lens[NEAR]
        for crossing in range(2):
            if (crossing == 0 and not inside) or (crossing == 1 and inside == next_inside):
                continue
            t = 0.0 if crossing == 0 else (lens[NEAR] - here[2]) / (after[2] - here[2])
            depth = here[2] + t * (after[2] - here[2])
            clipped[count, 0] = (
                lens[CENTRE_X] + lens[FOCAL] * (here[0] + t * (after[0] - here[0])) / depth
            )
            clipped[count, 1] = (
                lens[CENTRE_Y] + lens[FOCAL] * (here[1] + t * (after[1] - here[1])) / depth
            )
            clipped[count, 2] = 1.0 / depth
            clipped[count, 3] = here[3] + t * (after[3] - here[3])
            count += 1
    return count


@compiled
def fill_clipped(
    matrix: Double,
    lens: Double,
    local: Float,
    points: Float,
    face: Int,
    clipped: Float | Double,
    depth: Float,
    light: Float,
    ids: Int,
) -> None:
    """Draw the triangle `face` (three vertices and a material) in the precision of `clipped`.

    `clipped` (4, 4) is room to work in.
    """
    count = clip_triangle(matrix, lens, local, points, face, clipped)
    for corner in range(2, count):
        fill_triangle(clipped, 0, corner - 1, corner, face[3], depth, light, ids)


@compiled
def draw_faces(
    matrix: Double,
    lens: Double,
    local: Float,
    points: Float,
    faces: Int,
    nearest: float,
    large: bool,
    depth: Float,
    light: Float,
    ids: Int,
) -> None:
    """Draw `faces` (F, 4) (three vertices and a material), clipping only where it is needed.

    Those of a `large` part are drawn in double precision.
    """
    clipped, exact = np.empty((4, 4), np.float32), np.empty((4, 4))
    whole = nearest >= lens[NEAR]
    limit = np.float32(1.0 / lens[NEAR])
    right, bottom = np.float32(ids.shape[1] - 1), np.float32(ids.shape[0] - 1)
    for f in range(len(faces)):
        a, b, c, material = faces[f, 0], faces[f, 1], faces[f, 2], faces[f, 3]
        cut = False
        if not whole:
            most = max(points[a, 2], points[b, 2], points[c, 2])
            least = min(points[a, 2], points[b, 2], points[c, 2])
            if most < 0.0:
                continue
            cut = least <= 0.0 or most > limit
        if not cut:
            x0, y0, x1, y1 = points[a, 0], points[a, 1], points[b, 0], points[b, 1]
            if not covers_pixels(x0, y0, x1, y1, points[c, 0], points[c, 1], right, bottom):
                continue
        if large:
            fill_clipped(matrix, lens, local, points, faces[f], exact, depth, light, ids)
        elif cut:
            fill_clipped(matrix, lens, local, points, faces[f], clipped, depth, light, ids)
        else:
            fill_triangle(points, a, b, c, material, depth, light, ids)


@compiled
def is_outside(matrix: Double, lens: Double, sphere: Double, width: int, height: int) -> bool:
    """Whether a bounding sphere (x, y, z, radius; local) lies wholly outside the camera's view."""
    a, b, c, radius = sphere[0], sphere[1], sphere[2], sphere[3]
    x = matrix[0, 0] * a + matrix[0, 1] * b + matrix[0, 2] * c + matrix[0, 3]
    y = matrix[1, 0] * a + matrix[1, 1] * b + matrix[1, 2] * c + matrix[1, 3]
    z = matrix[2, 0] * a + matrix[2, 1] * b + matrix[2, 2] * c + matrix[2, 3]
    if z + radius < lens[NEAR] or z - radius > lens[FAR]:
        return True
    slope_x, slope_y = (0.5 * width + 1.0) / lens[FOCAL], (0.5 * height + 1.0) / lens[FOCAL]
    return bool(
        abs(x) - slope_x * z > radius * np.sqrt(1.0 + slope_x * slope_x)
        or abs(y) - slope_y * z > radius * np.sqrt(1.0 + slope_y * slope_y)
    )
