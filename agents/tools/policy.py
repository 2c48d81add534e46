"""A learned policy as a tool: it is told an instruction and acts by itself, frame after frame."""

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.instruction_parser import parse
from handeye.agents.core.scene_notes import SceneNotes
from handeye.agents.core.success_detector import statement_of
from handeye.agents.core.tool_traits import ToolTraits, traits_of
from handeye.agents.core.tools import CannotDo, Tool, ToolResult
from handeye.agents.sight.perception import CAMERA
from handeye.agents.tools import skills
from handeye.agents.tools.tabletop import TABLETOP_TOOLS
from handeye.agents.tools.tabletop_context import TabletopContext
from handeye.policies.policy import Action, Policy

MAX_STEPS = 20  # Waypoints of one call; the longest task that it was trained on takes about ten.
TRAITS = {function.__name__: traits_of(function) for function in TABLETOP_TOOLS}
LEAST_BELOW_M = 0.01  # The bottom of a held object is at least so far below the tcp.


@ToolTraits(moves="arm")
def policy(context: TabletopContext, learned: Policy, instruction: str) -> ToolResult:
    """Let a learned policy carry out one plain instruction by itself, then look what came of it.

    Args:
        instruction: one task in a sentence, such as "put the red block in the blue bowl".
    """
    closed_at_m = context.grip.below_m if context.grip else 0.0
    try:
        learned.reset(instruction, seed=0)
    except ValueError as error:  # words that it cannot read are the planner's mistake
        raise CannotDo(str(error)) from error
    steps, finished = 0, False
    while not (finished or context.robot.ended or steps == MAX_STEPS):
        action = learned.act(context.robot.observation)
        finished = action.terminate
        if finished:
            break
        was_open = not skills.is_holding(context.robot)
        _move(context, action)
        steps += 1
        if was_open and skills.is_holding(context.robot):
            closed_at_m = float(action.values[2])
    _feel(context, instruction, closed_at_m)
    how = "it says that it is done" if finished else f"it was stopped after {steps} steps"
    return _judged(context, instruction, how, finished)


def _move(context: TabletopContext, action: Action) -> None:
    """One waypoint, past the same guard as those of skills; the gripper stays upright."""
    x, y, z, _roll, _pitch, yaw, gripper = action.values.tolist()
    context.robot.move_to(x, y, z, yaw, gripper)


def _feel(context: TabletopContext, instruction: str, closed_at_m: float) -> None:
    """Take in what the hand holds now; the place of what was moved is not known any more."""
    context.handles.clear()
    held = context.held or _first_thing(instruction)
    context.leave()
    if skills.is_holding(context.robot):
        yaw = float(context.robot.tcp[5])
        context.take(held, skills.Grip(yaw, max(closed_at_m, LEAST_BELOW_M)), held)


def _first_thing(instruction: str) -> str:
    calls = parse(instruction)
    return next(iter(calls[0][1].values()), "") if calls else "something"


def _hand(context: TabletopContext) -> dict[str, str]:
    """Return what the hand holds now and by which words it was picked, as data of a result."""
    return {**context.hand, "taken": context.picked} if context.grip else context.hand


def _judged(context: TabletopContext, instruction: str, how: str, finished: bool) -> ToolResult:
    """Return what perception says of it, as far as it can be seen; else what the policy says."""
    calls = parse(instruction)
    expected = ""
    if calls and not context.robot.ended:
        tool, arguments = calls[-1]
        held = _first_thing(instruction) if len(calls) > 1 else ""
        expected = statement_of(ToolCall(tool, arguments, ""), TRAITS[tool], SceneNotes((), held))
    if not expected:
        words = f"{how}; what came of it cannot be seen"
        return ToolResult(finished, words, data=_hand(context))
    context.clear_view()
    answer = context.perception.ask(expected, context.robot.observation, CAMERA)
    verdict = "it is so" if answer.text == "yes" else "it is not so"
    return ToolResult(answer.text == "yes", f"{how}; {verdict}: {expected}", data=_hand(context))


def policy_tool(context: TabletopContext, learned: Policy) -> Tool:
    """The tool around a policy.

    Raises:
        ValueError: the policy cannot act or see with this robot.
    """
    if learned.action_mode not in (None, context.robot.mode):
        raise ValueError(
            f"{learned.policy_id} acts in {learned.action_mode!r} and the robot in "
            f"{context.robot.mode!r}; take a policy of that mode"
        )
    if "rgb_wrist" not in context.robot.observation:
        raise ValueError(
            f"{learned.policy_id} looks through the wrist camera too; make the environment with "
            "cameras=('front', 'wrist')"
        )
    return Tool.of(policy, context, learned)
