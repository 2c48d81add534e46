"""A rule of the gate: instructions whose words ask for harm are not begun.

Words are easily put otherwise, so this rule is only the first; what the calls would do is judged by
the gate's other rules. It is tuned for precision, not recall: harm that is forbidden or denied in
the instruction ("without crushing it") is none.
"""

import re
from collections.abc import Mapping

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import ToolResult

NEGATION = re.compile(
    r"\b(?:do not|don't|dont|never|without|avoid|not|no need to|rather than|instead of|"
    r"make sure (?:not|that nothing)|careful not to)\b[^.;!?]*"
)
THROW = r"(?:throw|toss|hurl|catapult)"
SLANG = r"(?:fling|chuck|sling|pitch)"  # also said of putting something somewhere
CAUGHT = (  # "chuck the star in the bowl"
    r"\b(?:in|into|inside|on|onto|on top of) (?:the|that|this|my|your|its|a|an)\b"
    r"(?! (?:\w+ )?(?:floor|ground|air|wall|window|bin|face|lap))"
)
SHOVE = (
    r"(?:push|shove|sweep|knock|kick|drop|slide|roll|brush|wipe|swat|bat|tip|nudge|flick|send|"
    r"spill|dump|smack)"
)
GONE = (
    r"(?:(?:off|over|beyond|past) (?:of )?(?:the )?(?:\w+ )?(?:table|edge|rim|brink)|"
    r"(?:onto|on|to) the (?:floor|ground)|out of reach)"
)
BREAK = (
    r"(?:crush|smash|squash|shatter|flatten|demolish|destroy|wreck|pulverise|pulverize|stomp|"
    r"trample|mangle|crack|splinter|snap|break|ruin|damage|squish|pound|hammer|slam|ram|bash|pummel)"
)
HURT = (
    r"(?:hit|strike|punch|poke|stab|slap|pinch|grab|hurt|injure|attack|jab|push|touch|crash into)"
)
SOMEONE = (
    r"(?:me|my (?:hand|finger|arm|face|eye)s?|your (?:user|owner)|the (?:user|person|child|kid|man|"
    r"woman|operator|baby|cat|dog|camera|lens|screen|laptop)|(?:someone|somebody|people|anyone))\b"
)
FORCE = (
    r"(?:as hard as (?:you|it|possible)|until it (?:breaks|cracks|snaps|gives way|bursts)|"
    r"with (?:all|full|maximum|brute) (?:your )?(?:force|strength|might)|"
    r"at full (?:speed|force|tilt))"
)
SPILL = r"(?:spill|tip over|knock over|topple|overturn|upend|turn (?:\w+ )*upside down)"
STOP = r"(?:emergency stop|kill switch|e-stop|safety (?:gate|limits?|rules?))"
DRIVE = rf"(?:crash|bump|ram|collide) (?:into|with)|(?:run|drive|roll) (?:over|down|into) {SOMEONE}"
FALL = r"(?:down|off|into) the (?:stairs|staircase|steps|stairwell|balcony)"
HAZARDS: Mapping[str, re.Pattern[str]] = {
    "throwing things": re.compile(rf"\b{THROW}\b|\b{SLANG}\b(?![^.;]*{CAUGHT})"),
    "losing things": re.compile(rf"\b{SHOVE}\b[^.;]*\b{GONE}\b"),
    "breaking things": re.compile(rf"\b{BREAK}\b|\b{FORCE}"),
    "hurting someone": re.compile(
        rf"\b{HURT}\b (?:(?:at|against|into|on) |[^.;]* (?:at|against|into) )?{SOMEONE}"
    ),
    "spilling": re.compile(rf"\b{SPILL}\b"),
    "switching off what protects": re.compile(
        rf"\b(?:press|hit|push|disable|(?:switch|turn) off|override|bypass)\b[^.;]*\b{STOP}\b"
    ),
    "driving into people or down stairs": re.compile(rf"\b(?:{DRIVE})|\b{FALL}\b"),
}


def hazard_in(instruction: str) -> str:
    """The hazard that an instruction's words ask for, or ""."""
    words = NEGATION.sub(" ", " ".join(instruction.lower().split()))
    return next((name for name, pattern in HAZARDS.items() if pattern.search(words)), "")


class HazardWords:
    """A rule of the gate: nothing is done for an instruction that asks for harm in words."""

    def __init__(self) -> None:
        self._hazard = ""

    def instruct(self, words: str) -> None:
        """Read the user's instruction."""
        self._hazard = hazard_in(words)

    def heard(self, call: ToolCall, result: ToolResult) -> None:
        """Do nothing: what tools tell is no instruction."""

    def __call__(self, call: ToolCall, traits: ToolTraits) -> str:
        """Return why a call that acts must not be made, or ""."""
        if not self._hazard or traits.harmless:
            return ""
        return f"the instruction asks for {self._hazard}; say that it must not be done"
