"""Every planner style by name. A new style is one file in `agents/` and one line in `STYLES`.

What `--agent` says is looked up here; what `--llm` says becomes the model that a style asks.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from handeye.agents.core.planner import Planner
from handeye.agents.language_models.language_model import LanguageModel
from handeye.agents.load_language_model import PLANNER, READER
from handeye.agents.planners.affordance import load_affordance
from handeye.agents.planners.code_planner import code_planner
from handeye.agents.planners.inner_monologue import InnerMonologuePlanner
from handeye.agents.planners.intent_planner import IntentPlanner
from handeye.agents.planners.program_writers import ModelWriter, TemplateWriter
from handeye.agents.planners.random_planner import RandomPlanner
from handeye.agents.planners.react import ReactPlanner
from handeye.agents.planners.saycan import SayCanPlanner
from handeye.agents.planners.scripted import ScriptedPlanner
from handeye.agents.planners.skill_library import SHIPPED as SHIPPED_SKILLS
from handeye.agents.planners.skill_library import SkillLibrary
from handeye.agents.planners.voyager import VoyagerPlanner
from handeye.base.names import look_up
from handeye.envs.core.base_env import InstructedEnv
from handeye.envs.tabletop.env import TabletopEnv
from handeye.experiments.oracles.baselines import BlindPlanner
from handeye.experiments.oracles.oracle_planner import OraclePlanner
from handeye.experiments.oracles.plan_specs import plan_spec_of


def load_palm_e_planner() -> Planner:
    """`PalmEPlanner` with the shipped model.

    Raises:
        ValueError: none is shipped.
    """
    # torch and transformers take seconds to import, and planners that ask servers do without.
    from handeye.agents.planners.palm_e_planner import PalmEPlanner

    return PalmEPlanner.load()


@dataclass(frozen=True)
class Making:
    """What a planner can be made of.

    Attributes:
        model: a language model, None for styles that ask none.
        rng: for what is random in a planner apart from its seed, such as the jitter of retries.
        env: where it will act; only planners that are labelled oracles or baselines read it.
    """

    model: LanguageModel | None
    rng: np.random.Generator
    env: InstructedEnv

    @property
    def asked(self) -> LanguageModel:
        """The model of a style that needs one, which `build_planner` has made sure of."""
        assert self.model is not None
        return self.model

    def tabletop(self, style: str) -> TabletopEnv:
        """The environment of a style that knows tabletops alone.

        Raises:
            ValueError: it is none.
        """
        if not isinstance(self.env, TabletopEnv):
            raise ValueError(f"--agent {style} knows tabletops alone; give such a --suite")
        return self.env


@dataclass(frozen=True)
class Style:
    """A way to plan.

    Attributes:
        summary: one line for `handeye list`.
        build: makes the planner.
        own_model: the language model that comes with handeye for it; "" if it asks none.
    """

    summary: str
    build: Callable[[Making], Planner]
    own_model: str = PLANNER

    @property
    def asks(self) -> bool:
        """Return whether it asks a language model."""
        return bool(self.own_model)


STYLES: dict[str, Style] = {
    "react": Style(
        "one tool call at a time by a language model (Yao et al. 2022)",
        lambda given: ReactPlanner(given.asked),
    ),
    "intent": Style(
        "says once what is meant, in a small language; code carries it out, checks and asks back",
        lambda given: IntentPlanner(given.asked),
        own_model=READER,
    ),
    "code": Style(
        "programs over the tools by a language model (Code as Policies, Liang et al. 2022)",
        lambda given: code_planner(given.asked),
    ),
    "inner-monologue": Style(
        "react, told after each skill what came of it (Huang et al. 2022)",
        lambda given: InnerMonologuePlanner(ReactPlanner(given.asked)),
    ),
    "saycan": Style(
        "every skill on every thing seen: likelihood times affordance (SayCan, Ahn et al. 2022)",
        lambda given: SayCanPlanner(given.asked, load_affordance()),
    ),
    "voyager": Style(
        "learned skills, or new programs, that verify themselves (Wang et al. 2023)",
        lambda given: VoyagerPlanner(ModelWriter(given.asked), SkillLibrary(SHIPPED_SKILLS)),
    ),
    "voyager-templates": Style(
        "the same with templates in the model's place: NOT a language model",
        lambda given: VoyagerPlanner(TemplateWriter(), SkillLibrary(SHIPPED_SKILLS)),
        own_model="",
    ),
    "palm-e": Style(
        "frames and words in one causal decoder of ours (PaLM-E, Driess et al. 2023)",
        lambda given: load_palm_e_planner(),
        own_model="",
    ),
    "scripted": Style(
        "patterns for plain instructions: NOT a language model",
        lambda given: ScriptedPlanner(),
        own_model="",
    ),
    "expert": Style(
        "oracle: is told the goal and which thing is which",
        lambda given: OraclePlanner(plan_spec_of(given.tabletop("expert"))),
        own_model="",
    ),
    "blind": Style(
        "baseline: the expert's plan for a goal guessed without reading",
        lambda given: BlindPlanner(given.tabletop("blind")),
        own_model="",
    ),
    "random-valid": Style(
        "baseline: any call that the tools' grammar allows, at random",
        lambda given: RandomPlanner(),
        own_model="",
    ),
}


def style_of(name: str, llm: str) -> Style:
    """The style of a name, and whether it fits to what `--llm` says.

    Raises:
        ValueError: there is no such style, it needs a language model and none is named, or the
            other way round.
    """
    style = look_up("planner style", name, STYLES)
    if style.asks and not llm:
        raise ValueError(
            f"--agent {name} asks a language model; name one with --llm, see "
            "docs/language_models.md, or plan without: --agent scripted"
        )
    if llm and not style.asks:
        asking = ", ".join(n for n, s in STYLES.items() if s.asks)
        raise ValueError(f"--agent {name} asks no language model; leave out --llm, or use {asking}")
    return style
