"""The tools that `handeye-planner` knows by heart."""

from handeye.agents.core.planner import PLAN
from handeye.agents.core.tools import Tool
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.vision import VISION_TOOLS

PLANNER_TOOLS = (
    *(Tool.of(function, None).spec for function in (*TABLETOP_TOOLS, *VISION_TOOLS)),
    PLAN.spec,
)
