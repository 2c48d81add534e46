"""What kind of utterance something is: only a command may move the arm, whoever plans.

"Could you put ...?" is a command in the form of a question; "is it open?", "what do you see?" are
questions; "don't press anything" forbids; "stop" stops; "hello" is small talk. The rules are about
the form of English sentences and know no thing of any world. What they cannot tell is a command.
"""

import re
from typing import Literal, get_args

from handeye.agents.core.conversation import ToolCall
from handeye.agents.core.tool_traits import ToolTraits
from handeye.agents.core.tools import ToolResult

UtteranceKind = Literal["command", "question", "prohibition", "stop", "smalltalk"]
KINDS: tuple[UtteranceKind, ...] = get_args(UtteranceKind)

_OPENERS = (
    r"(?:(?:so|and|but|ok|okay|hey|hi|um|er|erm|well|right|now|please|pls|robot|listen|say|oh|hmm|just"
    r"|no|yes|kindly|then|also)\b[, ]*)*"
)
_SOON = r"(?:a |one )?(?:sec|secs|second|moment|minute|bit)"
_STOP = re.compile(
    rf"{_OPENERS}(?:(?:stop|halt|freeze|pause|abort|cancel|enough|whoa|wait|quit|that's enough|"
    rf"thats enough|that is enough|hold (?:on|it|still)|hang on|stand still|don't move|do not move)"
    rf"(?: (?:it|that|this|now|please|right|there|here|away|moving|everything|all|robot|for|at|"
    rf"once|immediately|up|still|will you|{_SOON}))*[, ]*)+"
)
_GREETING = (
    r"(?:hi|hello|hiya|howdy|hey|greetings|yo|bye|goodbye|see you|cheers|thanks|thank you|ta|thx"
    r"|good (?:morning|evening|afternoon|day|night|boy|robot|work|job)|well done|great|sorry"
    r"|nice (?:one|work|job|to meet you)|never mind|lovely|wonderful|perfect)"
)
_WITH_IT = (
    r"(?:there|little|big|dear|old|friend|mate|buddy|robot|you|everyone|again|today|tonight|all|later"
    r"|so|very|much|a|lot|for|that|this|everything|the|help|your|now|then|and|to|too|my|again|really"
    r"|machine|arm|pal|well|done|job|work|indeed|soon)"
)
_SMALL_TALK = re.compile(
    rf"{_OPENERS}(?:{_GREETING}(?:[ ,]+(?:{_WITH_IT}|{_GREETING}))*"
    rf"|(?:{_GREETING}[ ,]+)?(?:{_WITH_IT}[ ,]+)*"
    r"how(?:'s| is| are) (?:it going|you|things|life)\b.{0,30}"
    r"|(?:who|what) are you\b.{0,20}|what(?:'s| is) your name"
    r"|(?:tell me )?what (?:(?:can|are) you|you (?:can|are)|you're)(?: able to)? do\b.{0,30}"
    rf"|(?:{_GREETING}[ ,]+)?you(?:'re| are) (?:a star|great|the best|funny|nice|cute|welcome)"
    r"\b.{0,20}|help)"
)
_FORBIDS = re.compile(
    rf"{_OPENERS}(?:whatever you do[, ]*)?{_OPENERS}(?:(?:don't|dont|do not|never|you must not"
    r"|you mustn't|you are not (?:to|allowed)|you're not (?:to|allowed)|no \w+ing)\b"
    r"|(?:leave|let)\b.*\b(?:alone|be|in peace|where (?:it|they) (?:is|are))$|hands off\b"
    r"|keep (?:your \w+ |away |clear |out )?(?:off|away|out|clear|from)\b"
    r"|stay (?:out|away|off|clear)\b|avoid\b|not (?:the|that|this)\b)"
)
# Words by which a sentence that begins by forbidding asks for something after all.
_AFTER_ALL = re.compile(
    r":|\b(?:but|just|instead|only|before|until|till|unless|any ?more|any longer|none of|so)\b"
)
_ASKS = re.compile(
    rf"{_OPENERS}(?:(?:can|could|will|would) you (?:please )?(?:tell me|say|let me know)[, ]*"
    r"|tell me[, ]*|do you know[, ]*|i wonder[, ]*|any idea[, ]*)?"
    r"(?:(?:what|whats|what's|which|who|where|wheres|where's|why|how|in (?:which|what))\b"
    r"|when (?:is|are|will|did|do)\b"
    r"|(?:is|are|was|were|does|did|isn't|aren't)\b|do (?:you|we|they|i|the)\b"
    r"|(?:has|have) (?:you|we|they|i|it|anyone|anything|something|the \w+(?: \w+)? (?:been|got))\b"
    r"|(?:can|could) (?:you|i|we) see\b)"
)
# Words by which a sentence that begins like a question wants something done after all.
_WANTS = re.compile(
    r"\b(?:belongs?|goes|should|must|needs?|has to|have to|wants?|what to do|mind|let"
    r"|(?:is|are) to (?!the |your |my )|i (?:want|need|would like|wish)|i'd like"
    r"|about (?:you|a|an|the|some)|don't you|not you|where i (?:want|need)|you go|go there"
    r"|put|bring|move|press|push it|comes? (?:back|here))\b"
)
_SENTENCE = re.compile(r"[.;!?\n]+|, then |\band then\b")


def kind_of(words: str) -> UtteranceKind:
    """Return the kind of an utterance; of several sentences one that is a command decides."""
    text = " ".join(words.lower().replace("’", "'").split())
    kinds = [_kind(sentence, text) for sentence in _sentences(text)]
    return next((kind for kind in KINDS if kind in kinds), "smalltalk")


def _sentences(text: str) -> list[str]:
    return [part for piece in _SENTENCE.split(text) if (part := piece.strip(" ,:-\"'"))]


def _kind(sentence: str, text: str) -> UtteranceKind:
    if not re.search(r"[^\W\d_]", sentence):
        return "smalltalk"
    if _STOP.fullmatch(sentence):
        return "stop"
    if _SMALL_TALK.fullmatch(sentence):
        return "smalltalk"
    if _FORBIDS.match(sentence) and not _AFTER_ALL.search(sentence):
        return "prohibition"
    if _ASKS.match(sentence) and not _WANTS.search(sentence):
        return "question"
    return "command"


class UtteranceRule:
    """A rule of the gate: what moves is denied unless the user gave a command.

    To answer a question the robot may drive where it has to look; its arm stays still.
    """

    def __init__(self) -> None:
        self.kind: UtteranceKind = "command"

    def instruct(self, words: str) -> None:
        """Take in what the user said."""
        self.kind = kind_of(words)

    def heard(self, call: ToolCall, result: ToolResult) -> None:
        """Nothing that a tool tells makes a command."""

    def __call__(self, call: ToolCall, traits: ToolTraits) -> str:
        """Return why a call is denied, or ""."""
        looks = traits.moves == "base" and self.kind == "question"
        still = traits.harmless and not traits.moves
        if self.kind == "command" or still or looks:
            return ""
        return f"that was no command but a {self.kind.replace('smalltalk', 'greeting')}"
