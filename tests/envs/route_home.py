"""A hallway between five rooms, made by hand: doors on both sides, things with and without twins.

+-----------living room-----------+-----------bathroom------------+   y 8.0
+---------------- 4 --------------+------------- 9 ---------------+   y 4.6
|                           hallway, a red box at x 7.5           |
+------ 2 ------+------ 6 --------+------ 10 ---------------------+   y 3.0
+---bedroom-----+-----study-------+---------kitchen---------------+   y 0.0
"""

import math

from handeye.envs.rooms.apartments.apartment import Apartment, Furniture
from handeye.envs.rooms.apartments.floor import Door, Rect, Room
from handeye.envs.rooms.routes.route_map import RouteMap
from handeye.envs.rooms.scene.mobile_base import BasePose
from handeye.envs.rooms.scene.scene import RoomScene

HALLWAY, BEDROOM, STUDY, KITCHEN, LIVING_ROOM, BATHROOM = range(6)
HOME = Apartment(
    rooms=(
        Room("hallway", Rect(0.0, 3.0, 12.0, 4.6)),
        Room("bedroom", Rect(0.0, 0.0, 4.0, 3.0)),
        Room("study", Rect(4.0, 0.0, 8.0, 3.0)),
        Room("kitchen", Rect(8.0, 0.0, 12.0, 3.0)),
        Room("living room", Rect(0.0, 4.6, 6.0, 8.0)),
        Room("bathroom", Rect(6.0, 4.6, 12.0, 8.0)),
    ),
    doors=(
        Door((HALLWAY, BEDROOM), (2.0, 3.0)),
        Door((HALLWAY, STUDY), (6.0, 3.0)),
        Door((HALLWAY, KITCHEN), (10.0, 3.0)),
        Door((HALLWAY, LIVING_ROOM), (4.0, 4.6)),
        Door((HALLWAY, BATHROOM), (9.0, 4.6)),
    ),
    furniture=(
        Furniture("red_box", "box", "red", HALLWAY, (7.5, 4.3), 0),
        Furniture("blue_sofa", "sofa", "blue", LIVING_ROOM, (0.5, 6.5), 0),
        Furniture("red_chair_a", "chair", "red", KITCHEN, (11.0, 1.0), 0),
        Furniture("red_chair_b", "chair", "red", BEDROOM, (1.0, 1.0), 0),
        Furniture("green_plant", "plant", "green", STUDY, (5.0, 1.0), 0),
    ),
)


def route_map(
    x: float = 6.0, y: float = 1.5, yaw_rad: float = math.pi / 2, home: Apartment = HOME
) -> RouteMap:
    """Starts in the middle of the study, looking at its door, unless told."""
    return RouteMap(RoomScene(home, BasePose(x, y, yaw_rad)))
