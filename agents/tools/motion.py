"""Tools that move the hand by numbers: what a planner with its own geometry asks for.

Nothing about them is safe in itself; they are there for the gate to judge.
"""

import numpy as np

from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import Tool, ToolResult
from handeye.agents.tools import skills
from handeye.agents.tools.tabletop import Side
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.agents.tools.tool_context import tools_over
from handeye.agents.tools.value_maps import TOWARDS


@ToolTraits(moves="arm")
def move_hand(context: TabletopContext, x: float, y: float, z: float) -> ToolResult:
    """Move the hand straight to a point in metres; it keeps what it holds.

    Args:
        x: away from the robot, 0.25 to 0.75.
        y: to the user's right, -0.40 to 0.40.
        z: above the table, 0 to 0.50.
    """
    gripper = skills.CLOSED if skills.is_holding(context.robot) else skills.OPEN
    context.robot.move_to(x, y, z, float(context.robot.tcp[5]), gripper)
    return ToolResult(True, "the hand has moved")


@ToolTraits(moves="arm")
def let_go(context: TabletopContext) -> ToolResult:
    """Open the hand where it is."""
    x, y, z = context.robot.tcp[:3].tolist()
    context.robot.move_to(x, y, z, float(context.robot.tcp[5]), skills.OPEN)
    context.leave()
    return ToolResult(True, "the hand is open", data=context.hand)


@ToolTraits(moves="arm", names=("target",), moved="target")
def push_by(context: TabletopContext, target: str, side: Side, metres: float) -> ToolResult:
    """Push a thing over the table some way to a side, as the user sees it.

    Args:
        target: words that fit one thing, or a handle.
        side: where to; front is towards the user.
        metres: how far.
    """
    thing = context.one(target)
    context.forget(target)
    x, y = (thing.place.xy + metres * np.array(TOWARDS[side])).tolist()
    return skills.push(context.robot, thing.place, x, y).as_result()


MOTION_TOOLS = (move_hand, let_go, push_by)


def motion_tools(context: TabletopContext) -> list[Tool]:
    """All of them over one context."""
    return tools_over(MOTION_TOOLS, context)
