"""Signs with words never the same, drawn by the renderer, as a `SignReader` is trained on them.

Words are made up: letters at random, or consonants and vowels in turn as names have them. So
letters are learned, not words.
"""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from handeye.envs.rooms.apartments.apartment import Apartment
from handeye.envs.rooms.apartments.splits import allowed_colours
from handeye.envs.rooms.apartments.wall_pieces import WallPiece
from handeye.envs.rooms.pictures.appearance import sample_home_look
from handeye.envs.rooms.pictures.meshes import thing_body
from handeye.envs.rooms.pictures.rendering import HomeRenderer
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene
from handeye.perception.mapping.ego_camera import EgoPose
from handeye.perception.signs.view import PATCH_COLUMNS, PATCH_ROWS, SignPlace, sign_patch

SIGNS, VIEWS = 4, 2  # drawn in one apartment, and pictures of each
FRAME_PX = 128
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VOWELS, CONSONANTS = "AEIOUY", "BCDFGHJKLMNPQRSTVWXZ"
SHORTEST, LONGEST = 2, 9
NAME_SHARE = 0.5  # of the words, those that sound like names
AWAY_M = (0.45, 1.7)
ASIDE_RAD = math.radians(60.0)
TURNED_RAD = math.radians(25.0)  # from looking at the sign
MISPLACED_M, MISTURNED_RAD = (0.03, 0.03, 0.03), math.radians(4.0)  # as eyes place signs
LEAST_PX = 40  # of a sign in the frame


class SignBatch(NamedTuple):
    """B patches and what they say; B may be 0."""

    patches: Tensor  # (B, 24, 96)
    words: list[str]


def made_up_word(rng: np.random.Generator) -> str:
    """A word in capitals that nobody bears, or hardly."""
    length = int(rng.integers(SHORTEST, LONGEST + 1))
    if rng.random() >= NAME_SHARE:
        return "".join(rng.choice(list(LETTERS), length))
    first, double = int(rng.integers(2)), rng.random(length) < 0.12
    word = ""
    for at in range(length):
        pool = (VOWELS, CONSONANTS)[(first + at) % 2]
        word += word[-1] if at and double[at] else pool[int(rng.integers(len(pool)))]
    return word


def draw_signs(rng: np.random.Generator, scene: RoomScene, jitter: float) -> SignBatch:
    """`SIGNS` signs of an apartment, each seen `VIEWS` times.

    Args:
        rng: the only source of randomness.
        scene: the signs hang where its signs hang; the furniture is left out.
        jitter: strength of the look's jitter.
    """
    signs = [piece for piece in scene.apartment.wall_pieces if piece.kind == "sign"]
    chosen = rng.permutation(len(signs))[:SIGNS].tolist()
    hung = tuple(_rewritten(signs[index], rng) for index in chosen)
    home = Apartment(scene.apartment.rooms, scene.apartment.doors, (), hung)
    views = [(sign, pose) for sign in hung for pose in _views(home, sign, rng)]
    patches, words = [], []
    if views:
        bare = RoomScene(home, scene.start)
        renderer = HomeRenderer(bare, sample_home_look(rng, len(home.rooms), jitter))
        frames = renderer.render([pose for _, pose in views], (FRAME_PX, FRAME_PX))
        for (sign, pose), rgb, bodies in zip(views, frames.rgb, frames.segmentation, strict=True):
            place, body = _misplaced(sign, rng), thing_body(bare, sign.name)
            patch = sign_patch(rgb, place, EgoPose(pose.x_m, pose.y_m, pose.yaw_rad))
            if patch is not None and (bodies == body).sum() >= LEAST_PX:
                patches.append(torch.from_numpy(patch))
                words.append(sign.text)
    empty = torch.zeros(0, PATCH_ROWS, PATCH_COLUMNS)
    return SignBatch(torch.stack(patches) if patches else empty, words)


def _rewritten(sign: WallPiece, rng: np.random.Generator) -> WallPiece:
    height_m = float(rng.uniform(1.25, 1.45))
    colours = allowed_colours("sign", "train")
    colour = colours[int(rng.integers(len(colours)))]
    centre = (*sign.centre_m[:2], height_m)
    return replace(sign, text=made_up_word(rng), centre_m=centre, colour=colour)


def _views(home: Apartment, sign: WallPiece, rng: np.random.Generator) -> list[BasePose]:
    """Poses in the sign's room that look at it."""
    room, found = home.rooms[sign.room].floor, []
    for _ in range(VIEWS):
        away, aside = float(rng.uniform(*AWAY_M)), float(rng.uniform(-ASIDE_RAD, ASIDE_RAD))
        angle = sign.facing * math.pi / 2 + aside
        x = sign.centre_m[0] + away * math.cos(angle)
        y = sign.centre_m[1] + away * math.sin(angle)
        turned = float(rng.uniform(-TURNED_RAD, TURNED_RAD))
        if room.x0 < x < room.x1 and room.y0 < y < room.y1:
            found.append(BasePose(x, y, angle + math.pi + turned))
    return found


def _misplaced(sign: WallPiece, rng: np.random.Generator) -> SignPlace:
    """Where eyes might place it."""
    x, y, z = np.array(sign.centre_m) + rng.normal(0.0, MISPLACED_M)
    turned = float(rng.normal(0.0, MISTURNED_RAD))
    return SignPlace(float(x), float(y), float(z), sign.facing * math.pi / 2 + turned)
