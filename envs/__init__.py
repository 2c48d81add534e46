"""Simulated worlds: scenes, cameras, tasks and the Gymnasium environments made of them."""

import gymnasium


def register_environments() -> None:
    """Register `handeye/<Task>-v0` and `handeye/TabletopCore-v0` with Gymnasium.

    Called through the `gymnasium.envs` entry point; keeps imports light.
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
        gymnasium.register(
            id=f"handeye/{name}-v0",
            entry_point="handeye.envs.env:HandeyeEnv",
            kwargs={"suite": suite},
        )
