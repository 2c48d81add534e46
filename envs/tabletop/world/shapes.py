"""Sizes of everything that stands on the table: pure numbers, shared by collision and rendering.

Lengths in metres. Every object's local frame sits at the centre of its bottom face, z up. Collision
shapes (`scene.py`) and visual meshes (`meshes.py`) are both built from these numbers, so what a
camera sees is what the physics touches.
"""

from dataclasses import dataclass

# The kinds of shipped suites and of what was trained on them. Frozen: a kind that is added by
# `kinds.add_prism_kind` is known to scenes and tasks of one's own, and changes no shipped episode.
GRASPABLE_KINDS = ("block", "cylinder", "star", "hexagon", "triangle")
CONTAINER_KINDS = ("bowl", "plate", "cup")
FIXTURE_KINDS = ("button", "drawer", "zone")
KINDS = GRASPABLE_KINDS + CONTAINER_KINDS + FIXTURE_KINDS

STAR_POINTS = 5
STAR_INNER_RATIO = 0.5


@dataclass(frozen=True)
class Prism:
    """A right prism. `radius_m` is the circumscribed radius of its base (a block's half edge)."""

    radius_m: float
    height_m: float


PRISMS: dict[str, dict[str, Prism]] = {
    "block": {"small": Prism(0.0150, 0.030), "large": Prism(0.0225, 0.045)},
    "cylinder": {"small": Prism(0.0160, 0.034), "large": Prism(0.0240, 0.050)},
    "star": {"small": Prism(0.0220, 0.026), "large": Prism(0.0320, 0.036)},
    "hexagon": {"small": Prism(0.0180, 0.028), "large": Prism(0.0270, 0.040)},
    "triangle": {"small": Prism(0.0220, 0.028), "large": Prism(0.0320, 0.040)},
}
CORNERS: dict[str, int] = {"triangle": 3, "hexagon": 6, "cylinder": 24}  # of regular outlines


@dataclass(frozen=True)
class Vessel:
    """A round open container: outer radii at the bottom and the rim, height, wall thickness."""

    base_radius_m: float
    rim_radius_m: float
    height_m: float
    wall_m: float
    floor_m: float


VESSELS: dict[str, Vessel] = {
    "bowl": Vessel(0.045, 0.064, 0.036, 0.004, 0.004),
    "plate": Vessel(0.060, 0.074, 0.012, 0.004, 0.004),
    "cup": Vessel(0.042, 0.046, 0.056, 0.004, 0.004),
}
VESSEL_WALLS = 12  # straight collision segments that stand for a round wall


@dataclass(frozen=True)
class Button:
    """A square housing with a round cap that sinks by `travel_m` when pressed."""

    half_width_m: float = 0.032
    base_height_m: float = 0.018
    cap_radius_m: float = 0.019
    cap_height_m: float = 0.016  # above the housing when released
    travel_m: float = 0.010


@dataclass(frozen=True)
class Drawer:
    """A cabinet open at its local +x face, with a tray that slides along +x by up to `travel_m`.

    A fin sticks out of the tray's front along +x: thin in y, so that a gripper whose fingers
    close along y can hold it from above and both pull and push.
    """

    half_depth_m: float = 0.065  # x
    half_width_m: float = 0.070  # y
    height_m: float = 0.060
    wall_m: float = 0.006
    tray_half_depth_m: float = 0.055
    tray_half_width_m: float = 0.060
    tray_height_m: float = 0.042  # of the tray's front face, above its floor
    tray_floor_m: float = 0.008  # z above the table
    fin_length_m: float = 0.040  # x, from the tray's front face
    fin_half_thickness_m: float = 0.008  # y
    fin_bottom_m: float = 0.012  # z above the table
    fin_top_m: float = 0.050
    travel_m: float = 0.100


BUTTON = Button()
DRAWER = Drawer()
ZONE_HALF_WIDTH_M = 0.060
ZONE_THICKNESS_M = 0.001

TABLE_CENTRE_M = (0.50, 0.0)  # x, y of the table top, which lies at z = 0
TABLE_HALF_SIZE_M = (0.45, 0.60)
TABLE_THICKNESS_M = 0.05
