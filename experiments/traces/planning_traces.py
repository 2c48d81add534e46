"""Planning traces: what the expert calls and is told on tables of paper, for a model to learn from.

Some calls are made worse by the dice than the expert would make them; they are part of the trace,
so that a model sees what comes of mistakes, but it is not taught to make them. What is claimed at
the end is taught where it is true: now and then the expert pursues another goal than the words',
and of such a trace the true claim alone is taught.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from handeye.agents.core.conversation import FEEDBACK, ToolCall
from handeye.agents.core.planner import DONE, Done, Planner, Step
from handeye.agents.core.tools import Toolbox
from handeye.agents.planners.inner_monologue import InnerMonologuePlanner
from handeye.agents.planners.react import told
from handeye.agents.safety.gate import SafetyGate
from handeye.agents.tools.robot import Robot
from handeye.agents.tools.tabletop import tabletop_tools
from handeye.agents.tools.vision import vision_tools
from handeye.envs.base.colours import COLOURS
from handeye.envs.core.registry import KIND_SPLIT
from handeye.envs.rooms import long as rooms
from handeye.envs.rooms.long.task import which_is_meant
from handeye.envs.tabletop.world.language import KIND_WORDS
from handeye.envs.tabletop.world.scene import SceneObject
from handeye.experiments.oracles.oracle_planner import OraclePlanner, PlanSpec
from handeye.experiments.oracles.rooms_oracle_planner import intended, rooms_script
from handeye.experiments.oracles.saycan_oracle import LOOK, SayCanOracle
from handeye.experiments.traces.colour_renaming import with_other_colours
from handeye.experiments.traces.plan_annotation import Trace, Turn, with_plans
from handeye.experiments.traces.symbolic_apartment import SymbolicApartment
from handeye.experiments.traces.symbolic_context import SymbolicContext
from handeye.experiments.traces.symbolic_judge import SymbolicJudge
from handeye.experiments.traces.symbolic_tabletop import FailureRates, SymbolicTabletop
from handeye.experiments.traces.table_drafts import (
    HARD_SHARE,
    TraceDraft,
    draw_core,
    draw_long,
    draw_mixed,
)
from handeye.experiments.wordings.paraphrases import word_rooms

MOST_CALLS = 60
MISTAKES = 0.04  # of calls, made in vain on purpose
ASTRAY = 0.12  # of the tabletop's traces: the expert is told another goal, its claim is the truth
WAYS = {  # in which an episode is played -> share, of the tabletop's traces; of others the expert's
    "skills alone": 0.1,  # with nothing but what SayCan can choose
    "monologue": 0.08,  # a rule gives feedback between the expert's calls
    "begun": 0.08,  # by another planner, which looked
}
CORE_SHARE, MIXED_SHARE, ROOMS_SHARE = 0.08, 0.08, 0.3
OTHER_COLOURS = 0.2  # of traces in training
HARD_ROOM_KINDS = (
    "patrol", "each_of", "retrace", "visit_reversed", "most", "how_many",
    "if_more_than",
)  # fmt: skip


def draw_trace(rng: np.random.Generator, split: str = "seen", *, wide: bool = False) -> Trace:
    """An episode of one of the suites, played by the expert.

    Args:
        rng: the only source of randomness.
        split: of things and words, see `tasks.SPLITS`.
        wide: worded in more ways than the suites have for training, see `training_words.py`.
    """
    world = rng.random()
    if world < ROOMS_SHARE:
        trace = play_rooms(rng, split, wide=wide)
    else:
        single = world < ROOMS_SHARE + CORE_SHARE + MIXED_SHARE and split != KIND_SPLIT
        core = draw_core if world < ROOMS_SHARE + CORE_SHARE else draw_mixed
        trace = play((core if single else draw_long)(rng, split, wide=wide), rng)
    if wide and rng.random() < OTHER_COLOURS:
        return with_other_colours(trace, rng)
    return trace


def play(draft: TraceDraft, rng: np.random.Generator, mishaps: FailureRates | None = None) -> Trace:
    """The expert at work on a table of paper.

    Args:
        draft: what it is about.
        rng: of mishaps and mistakes.
        mishaps: how often what goes wrong; None for the usual, no mistakes where it is given.
    """
    table = SymbolicTabletop(mishaps or FailureRates())
    table.lay(draft.things, draft.instruction, draft.unclear)
    gate = SafetyGate()
    robot = Robot(table, max_steps=100 * MOST_CALLS, guard=gate.check_motion)
    robot.reset(int(rng.integers(2**31)))
    bench = SymbolicContext(robot, table)
    toolbox = Toolbox([*tabletop_tools(bench), *vision_tools(bench)], gate)
    judge = SymbolicJudge(table, draft.subgoals, draft.goal)
    led_astray = mishaps is None and rng.random() < ASTRAY
    expert = OraclePlanner(
        lambda words: astray(draft.assign(table), rng) if led_astray else draft.assign(table)
    )
    way = _way(draft, rng) if mishaps is None and not led_astray else ""
    planner: Planner = expert
    if way == "skills alone":
        planner = SayCanOracle(lambda words: draft.assign(table), table.whole_name)
    elif way == "monologue":
        planner = InnerMonologuePlanner(expert)
    planner.reset(draft.instruction, toolbox.specs, 0)
    turns: list[Turn] = []
    history: list[Step] = []

    def make(call: ToolCall) -> None:
        """Make one call and keep it with what was told."""
        history.append(Step(call, toolbox.call(call)))
        judge.watch()
        taught = call is not LOOK and not call.call_id.startswith(FEEDBACK)
        turns.append(Turn(call, told(history[-1].result), taught))

    if way == "begun":
        make(LOOK)
    while True:
        decided = planner.next_call(history)
        if isinstance(decided, Done) or len(history) == MOST_CALLS:
            done = decided if isinstance(decided, Done) else Done("failure", "too many calls")
            truth = judge.true_claim(done.answer)
            if led_astray:
                done = Done(truth, done.answer)
            turns.append(Turn(_done(done), "", done.claim == truth))
            break
        if mishaps is None and way != "skills alone" and rng.random() < MISTAKES:
            turns.append(_mistake(toolbox, table, rng))
        make(decided)
    trace = Trace(draft.kind, draft.instruction, tuple(turns))
    if led_astray:
        return _with_claim_alone_taught(with_plans(trace, expert.intended))
    if way == "skills alone":
        return trace
    return with_plans(trace, expert.intended)


def astray(spec: PlanSpec, rng: np.random.Generator) -> PlanSpec:
    """The specification with one step left out, or about another thing of its sort."""
    steps = list(spec.subgoals)
    k = int(rng.integers(len(steps))) if steps else 0
    if len(steps) > 1 and rng.random() < 0.4:
        del steps[k]
    elif steps:
        step = steps[k]
        elsewhere = step.target >= 0 and rng.random() < 0.4
        meant = step.target if elsewhere else step.item
        others = [i for i in range(len(spec.things)) if _of_one_sort(spec.things, meant, i)]
        if others:
            other = others[int(rng.integers(len(others)))]
            steps[k] = replace(step, target=other) if elsewhere else replace(step, item=other)
    return replace(spec, subgoals=steps)


def _of_one_sort(things: Sequence[SceneObject], meant: int, other: int) -> bool:
    """Whether two different things can be handled alike."""
    if meant < 0 or other == meant:
        return False
    one, two = things[meant], things[other]
    return one.graspable and two.graspable if one.graspable else one.kind == two.kind


def _with_claim_alone_taught(trace: Trace) -> Trace:
    turns = [turn._replace(taught=False) for turn in trace.turns[:-1]]
    return trace._replace(turns=(*turns, trace.turns[-1]))


def _way(draft: TraceDraft, rng: np.random.Generator) -> str:
    """One of `WAYS`, "" for the expert's own."""
    dice = rng.random()
    for way, share in WAYS.items():
        dice -= share
        if dice < 0:
            return "" if way == "skills alone" and draft.unclear else way
    return ""


def play_rooms(rng: np.random.Generator, split: str, *, wide: bool = False) -> Trace:
    """An episode of `rooms-long` on paper."""
    hard = wide and rng.random() < HARD_SHARE
    kind = HARD_ROOM_KINDS[int(rng.integers(len(HARD_ROOM_KINDS)))] if hard else None
    sample = rooms.sample_long_goal(rng, split=split, kind=kind)
    if wide:
        sample = sample._replace(said=word_rooms(sample, rng))
    home = SymbolicApartment(sample.home, rng, which_is_meant(sample.goal))
    script = rooms_script(sample, lambda name: home.handle(sample.home.by_name[name]))
    turns: list[Turn] = []
    decided = next(script)
    while isinstance(decided, ToolCall):
        result = home.call(decided)
        turns.append(Turn(decided, told(result), True))
        decided = script.send(result)
    turns.append(Turn(_done(decided), "", True))
    trace = Trace(sample.goal.kind, sample.said.words, tuple(turns))
    return with_plans(trace, intended(sample))


def _done(done: Done) -> ToolCall:
    return ToolCall(DONE.spec.name, {"claim": done.claim, "answer": done.answer}, "")


def _mistake(toolbox: Toolbox, table: SymbolicTabletop, rng: np.random.Generator) -> Turn:
    """A call that changes nothing: about a thing that is not there, or at the wrong time."""
    names = {thing.spec.kind for thing in table.things}
    absent = [kind for kind in KIND_WORDS if kind not in names] or ["crystal ball"]
    kind = absent[int(rng.integers(len(absent)))]
    words = f"{list(COLOURS)[int(rng.integers(len(COLOURS)))]} {kind}"
    tool, argument = _choose((("pick", "target"), ("press", "button"), ("place_in", "container"),
                              ("detect", "words"), ("count", "words")), rng)  # fmt: skip
    call = ToolCall(tool, {argument: words}, "")
    return Turn(call, told(toolbox.call(call)), False)


def _choose(options: Sequence[tuple[str, str]], rng: np.random.Generator) -> tuple[str, str]:
    return options[int(rng.integers(len(options)))]
