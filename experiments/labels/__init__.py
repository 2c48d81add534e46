"""Labels: what training is told about frames, programs and scenes, read from the simulator.

`frame_labels`, `room_cells`, `history_labels` and `program_labels` are supervised targets;
`scene_facts` lists what is in a scene, `scene_nouns` says it in words, `scene_questions` asks.
"""

__all__ = [
    "frame_labels",
    "history_labels",
    "program_labels",
    "room_cells",
    "scene_facts",
    "scene_nouns",
    "scene_questions",
]
