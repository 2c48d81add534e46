"""Homes of a few things, made by hand, so that what is asked for in them is known."""

from handeye.envs.rooms.long import SymbolicHome
from handeye.envs.rooms.long.symbolic_home import HomeThing

ROOMS = ("kitchen", "study", "bedroom", "bathroom", "living room")


def made_home(*looks: str, rooms: tuple[str, ...] = ROOMS, start: str = "kitchen") -> SymbolicHome:
    """A home of things such as "red chair in the kitchen"; they are named by colour and kind."""
    things = []
    for number, look in enumerate(looks):
        colour, kind, _, _, *room = look.split()
        things.append(HomeThing(f"{colour}_{kind}_{number}", kind, colour, " ".join(room)))
    return SymbolicHome(rooms, tuple(things), start)


FURNISHED = made_home(
    "red box in the study",
    "red box in the study",
    "green box in the study",
    "red box in the bedroom",
    "blue bed in the bedroom",
    "red chair in the bathroom",
    "green chair in the living room",
    "blue sofa in the living room",
    "white fridge in the kitchen",
)
