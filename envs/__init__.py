"""Simulated worlds: scenes, cameras, tasks and the Gymnasium environments made of them."""

import gymnasium

TABLETOP, ROOMS = "handeye.envs.tabletop.env:TabletopEnv", "handeye.envs.rooms.env:RoomsEnv"
VECTOR = "handeye.envs.vector.suite_vector:make_vector_env"  # what `make_vec` takes by itself
ENVIRONMENTS: dict[str, tuple[str, str]] = {  # name in Gymnasium -> what makes it, suite or task
    "Reach": (TABLETOP, "reach"),
    "PickUp": (TABLETOP, "pick_up"),
    "PutIn": (TABLETOP, "put_in"),
    "Stack": (TABLETOP, "stack"),
    "PushToZone": (TABLETOP, "push_to_zone"),
    "PlaceBeside": (TABLETOP, "place_beside"),
    "PressButton": (TABLETOP, "press_button"),
    "MoveDrawer": (TABLETOP, "move_drawer"),
    "TabletopCore": (TABLETOP, "tabletop-core"),
    "TabletopLong": (TABLETOP, "tabletop-long"),
    "TabletopMixed": (TABLETOP, "tabletop-mixed"),
    "TabletopChains": (TABLETOP, "tabletop-chains"),
    "PointGoal": (ROOMS, "point_goal"),
    "ObjectGoal": (ROOMS, "object_goal"),
    "RoomGoal": (ROOMS, "room_goal"),
    "RouteFollowing": (ROOMS, "route_following"),
    "Relational": (ROOMS, "relational"),
    "GoBack": (ROOMS, "go_back"),
    "CountThings": (ROOMS, "count_things"),
    "FollowSign": (ROOMS, "follow_sign"),
    "Rooms": (ROOMS, "rooms"),
    "RoomsLong": (ROOMS, "rooms-long"),
}


def register_environments() -> None:
    """Register `handeye/<Task>-v1`, and an id for every suite, such as `handeye/TabletopCore-v1`.

    Importing `handeye.envs` does it; calling it again changes nothing. Imports stay light: the
    physics is loaded by `gymnasium.make`.
    """
    for name, (entry_point, suite) in ENVIRONMENTS.items():
        if f"handeye/{name}-v1" not in gymnasium.registry:
            gymnasium.register(
                id=f"handeye/{name}-v1",
                entry_point=entry_point,
                vector_entry_point=VECTOR,
                kwargs={"suite": suite},
            )


register_environments()
