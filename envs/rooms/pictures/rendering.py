"""What the mobile base's camera sees of an apartment: a renderer per scene and look."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS, SUITE_COLOURS
from handeye.envs.rendering import skin_kernels as skins
from handeye.envs.rendering.camera import Camera
from handeye.envs.rendering.colour_jitter import Colour
from handeye.envs.rendering.lettering import LETTERS
from handeye.envs.rendering.patterns import PATTERN_SIZE, pattern
from handeye.envs.rendering.rasterizer import Frames, View, rasterize
from handeye.envs.rendering.shading import Ground, Shading
from handeye.envs.rendering.surfaces import Surface
from handeye.envs.rooms.apartments.apartment import PIECES, SUITE_FURNITURE
from handeye.envs.rooms.apartments.floor import WALL_HEIGHT_M, WALL_M
from handeye.envs.rooms.apartments.wall_pieces import WALL_PIECES
from handeye.envs.rooms.pictures import furniture as furniture
from handeye.envs.rooms.pictures import surfaces as surfaces
from handeye.envs.rooms.pictures.appearance import DEFAULT_HOME_LOOK, ApartmentAppearance
from handeye.envs.rooms.pictures.culling import seen_parts
from handeye.envs.rooms.pictures.meshes import CEILING_BODY, home_geometry
from handeye.envs.rooms.scene import ego_camera as ego
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import WALL_PIECE_DEPTH_M, RoomScene

HOME_RENDERER_VERSION = 1  # raise it when the same numbers begin to give other pictures
DARK_SHADE = 0.68  # of a thing's own colour where it is in the dark: legs, carcasses
CEILING_CELLS_PER_M = 40.0
NO_SKY = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))  # behind everything, where nothing should show


class HomeRenderer:
    """Draws one apartment under one look.

    Args:
        scene: Rooms and things; the start pose does not matter.
        look: How it looks.
    """

    def __init__(self, scene: RoomScene, look: ApartmentAppearance = DEFAULT_HOME_LOOK) -> None:
        self.scene = scene
        self.look = look
        self._home = home_geometry(scene)
        own = [look.thing_colour(i, COLOURS[t.colour]) for i, t in enumerate(scene.things.values())]
        painted = self._surfaces(own)
        packed = Shading.pack(
            self._home.geometry.paints, self._colours(own), self._ceiling(), look.light, NO_SKY,
            pattern("plain"), painted,
        )  # fmt: skip
        self._signs = [hung for hung in scene.apartment.wall_pieces if hung.text]
        self._sign_centres_m = np.array([hung.centre_m for hung in self._signs]).reshape(-1, 3)
        first = len(scene.apartment.furniture)
        names = [f"{first + i}.front" for i, h in enumerate(scene.apartment.wall_pieces) if h.text]
        rows = {name: row for row, name in enumerate(painted)}
        self._sign_rows = np.array([rows[name] for name in names], dtype=np.int64)
        self._look, self._sign_layers = self._with_blurred_signs(packed)

    def _colours(self, own: Sequence[Colour]) -> dict[str, Colour]:
        """sRGB of all paints."""
        colours: dict[str, Colour] = dict(furniture.FIXED_PAINTS)
        for index, (r, g, b) in enumerate(own):
            colours[f"{index}."] = colours[f"{index}.front"] = r, g, b
            colours[f"{index}.dark"] = DARK_SHADE * r, DARK_SHADE * g, DARK_SHADE * b
        floors, walls = self.look.floors, self.look.walls
        for index in range(len(self.scene.apartment.rooms)):
            colours[f"floor.{index}"] = floors[index % len(floors)].colours[0]
            colours[f"wall.{index}"] = walls[index % len(walls)].colours[0]
        return colours

    def _surfaces(self, own: Sequence[Colour]) -> dict[str, Surface]:
        """The surfaces of all paints that are not plain."""
        home, floors, walls = self.scene.apartment, self.look.floors, self.look.walls
        found: dict[str, Surface | None] = {}
        for index in range(len(home.rooms)):
            found[f"floor.{index}"] = surfaces.floor_surface(floors[index % len(floors)])
            found[f"wall.{index}"] = surfaces.wall_surface(walls[index % len(walls)])
        for index, hung in enumerate(home.wall_pieces, len(home.furniture)):
            if hung.kind == "picture":
                found[f"{index}.front"] = surfaces.picture_surface(hung)
            elif hung.kind == "sign":
                found[f"{index}.front"] = surfaces.sign_surface(hung, own[index])
        return {name: surface for name, surface in found.items() if surface is not None}

    def _ceiling(self) -> Ground:
        """The one plane that the rasterizer draws without triangles."""
        bounds = self.scene.apartment.bounds
        half = ((bounds.x1 - bounds.x0) / 2, (bounds.y1 - bounds.y0) / 2)
        return Ground(
            CEILING_BODY, bounds.centre, half, WALL_HEIGHT_M, self.look.ceiling, CEILING_CELLS_PER_M
        )

    def _with_blurred_signs(self, packed: Shading) -> tuple[Shading, NDArray[np.float64]]:
        """The look with all sharpnesses of the texts, and their layers (signs, sharpnesses)."""
        layers = np.zeros((len(self._signs), surfaces.SHARPNESSES))
        blurred: dict[str, int] = {}
        atlas = [packed.atlas]
        count = len(packed.atlas)
        for sign, hung in enumerate(self._signs):
            if hung.text not in blurred:
                blurred[hung.text] = count
                atlas.append(surfaces.sign_text(hung.text).patterns[1:])
                count += surfaces.SHARPNESSES - 1
            layers[sign, 0] = packed.skins[self._sign_rows[sign], skins.LAYER]
            layers[sign, 1:] = blurred[hung.text] + np.arange(surfaces.SHARPNESSES - 1)
        return replace(packed, atlas=np.concatenate(atlas)), layers

    def view(self, pose: BasePose, size_px: tuple[int, int] = (128, 128)) -> View:
        """What the base's camera sees from `pose`, to be drawn by `rasterize`.

        Args:
            pose: Where the base stands.
            size_px: Height and width of the picture.
        """
        height_px, width_px = size_px
        return self.view_from(ego.ego_camera(pose, width_px, height_px))

    def view_from(self, camera: Camera) -> View:
        """The view of a camera anywhere between floor and ceiling."""
        home, rigid = self._home, camera.world_from_camera
        lens = np.array(
            [
                camera.focal_px, 0.5 * (camera.width_px - 1), 0.5 * (camera.height_px - 1),
                camera.near_m, camera.far_m,
            ]
        )  # fmt: skip
        seen = seen_parts(
            home.spheres, home.rooms, home.floors, home.doorways,
            rigid, lens, camera.width_px, camera.height_px,
        )  # fmt: skip
        whole = home.geometry
        geometry = replace(whole, parts=whole.parts[seen], spheres=whole.spheres[seen])
        return View(geometry, self._look_from(rigid[:3, 3], lens[0]), home.poses, camera)

    def _look_from(self, eye_m: NDArray[np.float64], focal_px: float) -> Shading:
        """The look with every sign as sharp as an eye at `eye_m` (3,) can see it."""
        away_m = np.sqrt(((self._sign_centres_m - eye_m) ** 2).sum(axis=1))
        per_m = PATTERN_SIZE / WALL_PIECES["sign"].width_m
        level = np.rint(np.log2(np.maximum(per_m * away_m / focal_px, 1.0))).astype(np.int64)
        level = np.minimum(level, surfaces.SHARPNESSES - 1)
        rows = self._look.skins.copy()
        rows[self._sign_rows, skins.LAYER] = self._sign_layers[np.arange(len(level)), level]
        return replace(self._look, skins=rows)

    def render(self, poses: Sequence[BasePose], size_px: tuple[int, int] = (128, 128)) -> Frames:
        """What the base's camera sees from `poses`; frame k is pose k's."""
        return rasterize([self.view(pose, size_px) for pose in poses])


def render_homes(
    renderers: Sequence[HomeRenderer],
    poses: Sequence[BasePose],
    height_px: int = 128,
    width_px: int = 128,
    out: Frames | None = None,
) -> Frames:
    """Draw every (renderer, pose) pair in one call.

    Args:
        renderers: N renderers; the same one may stand several times.
        poses: N poses of the base.
        height_px: Height of the pictures.
        width_px: Width of the pictures.
        out: Room for N frames to draw into (see `rasterize`).

    Returns:
        The frames in the order of the pairs: rgb (N, H, W, 3) and so on.

    Raises:
        ValueError: there are none, or not one pose for each renderer.
    """
    if len(renderers) != len(poses):
        raise ValueError(f"{len(renderers)} renderers for {len(poses)} poses; give one each")
    size_px = (height_px, width_px)
    pairs = zip(renderers, poses, strict=True)
    return rasterize([renderer.view(pose, size_px) for renderer, pose in pairs], out)


def _fingerprint() -> str:
    """Hash of all that decides a picture besides scene, pose and look."""
    pieces = {kind: PIECES[kind] for kind in SUITE_FURNITURE}
    colours = {name: COLOURS[name] for name in SUITE_COLOURS}
    models = [furniture.model_of(kind) for kind in (*pieces, *WALL_PIECES)]
    camera = ego.ego_camera(BasePose(0.0, 0.0, 0.0))
    numbers = (
        HOME_RENDERER_VERSION, pieces, WALL_PIECES, colours, furniture.FIXED_PAINTS, DARK_SHADE,
        WALL_M, WALL_HEIGHT_M, WALL_PIECE_DEPTH_M, LETTERS, surfaces.SHARPNESSES, surfaces.CANVAS,
        surfaces.LIGHT_INK, surfaces.DARK_INK, surfaces.DARK_BELOW, surfaces.SIGN_MARGIN_M,
        CEILING_CELLS_PER_M, ApartmentAppearance(), camera.world_from_camera.round(9).tolist(),
        camera.fov_y_rad, camera.near_m, camera.far_m, [model.paints for model in models],
    )  # fmt: skip
    # Recorded fingerprints hold the name that the class of appearances had at first.
    text = repr(numbers).replace(ApartmentAppearance.__name__, "HomeLook")
    digest = hashlib.sha256(text.encode())
    for model in models:
        digest.update(model.mesh.vertices_m.round(6).tobytes() + model.faces.tobytes())
    return digest.hexdigest()[:16]


HOME_RENDERER_FINGERPRINT = _fingerprint()
"""16 hex digits that change when the same scene and pose begin to give another picture."""
