"""The tools that `handeye-planner` knows by heart."""

from handeye.agents.planner import PLAN
from handeye.agents.tabletop_tools import TABLETOP_TOOLS
from handeye.agents.tools import Tool
from handeye.agents.vision_tools import VISION_TOOLS

PLANNER_TOOLS = (
    *(Tool.of(function, None).spec for function in (*TABLETOP_TOOLS, *VISION_TOOLS)),
    PLAN.spec,
)
