"""Simulated worlds: scenes, cameras, tasks and the Gymnasium environments made of them."""

import gymnasium


def register_environments() -> None:
    """Register `handeye/<Task>-v0` and `handeye/TabletopCore-v0` with Gymnasium.

    Importing `handeye.envs` does it; calling it again changes nothing. Imports stay light: the
    physics is loaded by `gymnasium.make`.
    """
    names = {
        "Reach": "reach",
        "PickUp": "pick_up",
        "PutIn": "put_in",
        "Stack": "stack",
        "PushToZone": "push_to_zone",
        "PlaceBeside": "place_beside",
        "PressButton": "press_button",
        "MoveDrawer": "move_drawer",
        "TabletopCore": "tabletop-core",
    }
    for name, suite in names.items():
        if f"handeye/{name}-v0" not in gymnasium.registry:
            gymnasium.register(
                id=f"handeye/{name}-v0",
                entry_point="handeye.envs.env:HandeyeEnv",
                kwargs={"suite": suite},
            )


register_environments()
