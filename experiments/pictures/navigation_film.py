"""Pictures of a film of navigation: what the robot sees, where it is on the plan, what it was told.

The film is for eyes, not for measuring: every `EVERY`-th control tick is shown, at the usual rate,
so it runs at double speed and takes half the room.
"""

import math
import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from handeye.envs.base.colours import COLOURS
from handeye.envs.rooms.apartments.floor import Rect
from handeye.envs.rooms.env import RoomsEnv
from handeye.envs.rooms.scene.mobile_base import RADIUS_M, BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.experiments.pictures.floor_map_picture import GOAL, TINTS, WALL, WAY
from handeye.experiments.pictures.video import Frame, draw_caption

EVERY = 2  # control ticks between pictures
EGO_PX = 240  # height and width of what the robot sees
PLAN_SHARE = 4 / 3  # width of the plan's part of the picture, in heights
FINER = 2  # the plan is drawn so much larger, then scaled down: smooth edges
MARGIN_PX = 6
LETTER_PX = 6.4  # of a caption's letters, on average, so that lines fit
RENDER_BATCH = 32


class Plan(NamedTuple):
    """An apartment from above, world +y upwards: the picture, and px = origin + scale * (x, -y)."""

    picture: Frame
    origin_px: NDArray[np.float64]
    px_per_m: float

    def to_px(self, places_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places (N, 2) in the world as columns and rows (N, 2) of the picture."""
        return np.asarray(self.origin_px + self.px_per_m * places_m * (1.0, -1.0))


def pictures_so_far(env: RoomsEnv) -> int:
    """How many pictures a film of the episode so far has."""
    return len(_shown(env))


def _shown(env: RoomsEnv) -> list[int]:
    """Control ticks that a film shows."""
    ticks = len(env.state.track)
    return sorted({*range(0, ticks, EVERY), ticks - 1})


def film_pictures(env: RoomsEnv, height_px: int = EGO_PX) -> list[Frame]:
    """One picture for every `EVERY`-th control tick of the episode so far, and one for its end.

    Args:
        env: in which the episode was run; not yet reset to another one.
        height_px: of what the robot sees, which is square; plan and words are added.
    """
    track = env.state.track
    shown = _shown(env)
    plan = draw_plan(env.scene, height_px, round(PLAN_SHARE * height_px), env.goal.referred)
    width_px = height_px + plan.picture.shape[1]
    words = textwrap.wrap(env.instruction or "(no words)", max(10, int(width_px / LETTER_PX)))
    pictures: list[Frame] = []
    for start in range(0, len(shown), RENDER_BATCH):
        batch = shown[start : start + RENDER_BATCH]
        poses = [BasePose(*track[tick].tolist()) for tick in batch]
        seen = env.renderer.render(poses, (height_px, height_px)).rgb
        for tick, ego in zip(batch, seen, strict=True):
            above = draw_robot(plan, track[: tick + 1])
            pictures.append(draw_caption(np.concatenate([ego, above], axis=1), words))
    return pictures


def draw_plan(
    scene: RoomScene, height_px: int, width_px: int, referred: Sequence[str] = ()
) -> Plan:
    """Rooms, furniture and walls; the things that the instruction is about have an outline."""
    bounds = scene.apartment.bounds.grown(0.1)
    height, width = FINER * height_px, FINER * width_px
    size_m = bounds.x1 - bounds.x0, bounds.y1 - bounds.y0
    margin = FINER * MARGIN_PX
    scale = min((width - 2 * margin) / size_m[0], (height - 2 * margin) / size_m[1])
    middle = np.array(bounds.centre) * (1.0, -1.0)
    plan = Plan(
        np.full((height, width, 3), 255, np.uint8),
        np.array([width, height]) / 2 - scale * middle,
        scale,
    )
    for room in scene.apartment.rooms:
        _fill(plan, room.floor, _rgb(TINTS[room.kind]))
    for piece in scene.apartment.furniture:
        red, green, blue = (round(255 * (0.45 + 0.55 * c)) for c in COLOURS[piece.colour])
        _fill(plan, piece.footprint, (red, green, blue))
    for wall in scene.walls:
        _fill(plan, wall, _rgb(WALL))
    for name in referred:
        if name in scene.things:
            _fill(plan, scene.things[name].footprint.grown(0.08), _rgb(GOAL), 2 * FINER)
    small = cv2.resize(plan.picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return Plan(np.asarray(small, np.uint8), plan.origin_px / FINER, scale / FINER)


def draw_robot(plan: Plan, track: NDArray[np.float64]) -> Frame:
    """The plan's picture with the way so far and the robot where it stands, looking ahead.

    Args:
        plan: of the apartment.
        track: (T, 3) x, y (m) and yaw (rad) so far.
    """
    picture = plan.picture.copy()
    way = np.round(8 * plan.to_px(track[:, :2])).astype(np.int32)[:, None]  # eighths of pixels
    cv2.polylines(picture, [way], False, _rgb(WAY), 2, cv2.LINE_AA, shift=3)
    (x, y), yaw = track[-1, :2], track[-1, 2]
    nose = [
        (x + reach * math.cos(yaw + turn), y + reach * math.sin(yaw + turn))
        for reach, turn in ((2.2 * RADIUS_M, 0.0), (RADIUS_M * 1.6, 2.4), (RADIUS_M * 1.6, -2.4))
    ]
    corners = np.round(8 * plan.to_px(np.array(nose))).astype(np.int32)
    cv2.fillPoly(picture, [corners], _rgb(WAY), cv2.LINE_AA, shift=3)
    cv2.polylines(picture, [corners[:, None]], True, (255, 255, 255), 1, cv2.LINE_AA, shift=3)
    return picture


def _fill(plan: Plan, area: Rect, colour: tuple[int, int, int], line_px: int = cv2.FILLED) -> None:
    corners = plan.to_px(np.array([(area.x0, area.y1), (area.x1, area.y0)]))
    (left, top), (right, bottom) = np.round(corners).astype(int).tolist()
    cv2.rectangle(plan.picture, (left, top), (right, bottom), colour, line_px)


def _rgb(code: str) -> tuple[int, int, int]:
    """The numbers of "#rrggbb"."""
    return int(code[1:3], 16), int(code[3:5], 16), int(code[5:7], 16)
