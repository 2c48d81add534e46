import pytest

from handeye.agents.core.instruction_parser import parse

PUT = [("pick", {"target": "red block"}), ("place_in", {"container": "blue bowl"})]
STACK = [("pick", {"target": "red block"}), ("place_on", {"base": "blue drum"})]


@pytest.mark.parametrize(
    ("words", "plan"),
    [
        ("put the red block in the blue bowl", PUT),
        ("take the red block to the blue bowl and drop it in", PUT),
        ("Into the blue bowl put the red block.", PUT),
        ("the red block belongs inside the blue bowl", PUT),
        ("pick up the red block and place it on the blue drum", STACK),
        ("stack the red block on top of the blue drum", STACK),
        ("on top of the blue drum set the red block", STACK),
        (
            "set the star down to the left of the cup",
            [("pick", {"target": "star"}), ("place_beside", {"reference": "cup", "side": "left"})],
        ),
        (
            "in front of the cup put the star",
            [("pick", {"target": "star"}), ("place_beside", {"reference": "cup", "side": "front"})],
        ),
        (
            "slide the star until it is in the area",
            [("push_to", {"target": "star", "goal": "area"})],
        ),
        ("onto the area nudge the star", [("push_to", {"target": "star", "goal": "area"})]),
        ("press firmly on the red button", [("press", {"button": "red button"})]),
        ("push in the red button", [("press", {"button": "red button"})]),
        ("the red button: push it", [("press", {"button": "red button"})]),
        ("pull open the drawer all the way", [("open_drawer", {"drawer": "drawer"})]),
        ("find the drawer and push shut it", [("close_drawer", {"drawer": "drawer"})]),
        ("hold the star up", [("pick", {"target": "star"})]),
        ("take the star off the table", [("pick", {"target": "star"})]),
        ("to the star bring the gripper", [("reach", {"target": "star"})]),
        ("hover over the star", [("reach", {"target": "star"})]),
        ("make me a sandwich", []),
    ],
)
def test_words_become_calls(words: str, plan: list[tuple[str, dict[str, str]]]) -> None:
    assert parse(words) == plan
