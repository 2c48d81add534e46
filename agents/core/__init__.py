"""The protocols that everything in agents shares: conversations, tools, planners, histories.

`conversation` is what is said to models, `tools` what may be called, `planner` who decides.
`scene_notes` and `success_detector` read histories of calls, `instruction_parser` plain
instructions; `tool_arguments` and `strict_json` check what models write.
"""

__all__ = [
    "conversation",
    "instruction_parser",
    "planner",
    "scene_notes",
    "strict_json",
    "success_detector",
    "tool_arguments",
    "tools",
]
