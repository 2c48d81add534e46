"""What is said about each clause: phrasings for training, vague ones, and held-out ones.

Slots are numbered: {0} is an object's description or words as they are. A clause's plain phrasings
serve for specific and ordinary wording, which differ in how objects are described.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from handeye.envs.base.phrases import spell_out
from handeye.envs.tabletop.long.goal import Vagueness


class Phrasings(NamedTuple):
    """Ways to say one clause.

    Attributes:
        plain: for training.
        held_out: of the split `phrasing`.
        vague: for training in vague wording; none: the plain ones serve.
    """

    plain: tuple[str, ...]
    held_out: tuple[str, ...]
    vague: tuple[str, ...] = ()


def _say(plain: str, held_out: str, vague: str = "") -> Phrasings:
    """Phrasings from patterns, several divided by " / "."""
    return Phrasings(*(spell_out(*p.split(" / ")) if p else () for p in (plain, held_out, vague)))


PUT = "(put|place|move|lay)"
CLAUSES: dict[str, Phrasings] = {
    # single steps
    "put_in": _say(
        f"{PUT} {{0}} (in|into|inside) {{1}} / drop {{0}} (in|into) {{1}}",
        "see that {0} ends up inside {1} / pop {0} into {1}",
        "{0} (belongs|goes) in {1}",
    ),
    "put_on": _say(
        "(stack|set|put|place) {0} (on|on top of|onto) {1}",
        "balance {0} atop {1} / let {0} rest on {1}",
        "{0} (belongs|goes) on {1}",
    ),
    "put_zone": _say(
        f"{PUT} {{0}} (on|onto) {{1}}", "see that {0} stands on {1} / park {0} on {1}"
    ),
    "push": _say(
        "(push|slide|shove) {0} (to|onto) {1}", "scoot {0} over to {1} / get {0} to {1} by pushing"
    ),
    "left": _say(f"{PUT} {{0}} (left of|to the left of) {{1}}", "leave {0} standing left of {1}"),
    "right": _say(f"{PUT} {{0}} (right of|to the right of) {{1}}", "stand {0} at the right of {1}"),
    "front": _say(f"{PUT} {{0}} in front of {{1}}", "leave {0} standing in front of {1}"),
    "behind": _say(f"{PUT} {{0}} behind {{1}}", "leave {0} standing behind {1}"),
    "press": _say(
        "(press|push|tap) {0}", "give {0} a press / make {0} click", "(use|hit) {0}"
    ),
    "open": _say("(open|pull open) {0}", "get {0} open / draw {0} out", "(open up|open) {0}"),
    "close": _say("(close|shut) {0}", "push {0} home / leave {0} shut", "(close|push shut) {0}"),
    "press_times": _say(
        "(press|push|tap) {0} {1} times / (press|push) {0}, {1} times in all",
        "give {0} {1} presses / make {0} click {1} times",
    ),
    # groups
    "all_in": _say(
        f"{PUT} (all|all of) {{0}} (in|into) {{1}} / {PUT} every one of {{0}} in {{1}}",
        "gather {0} up in {1} / collect all {0} in {1}",
        "{0} all (belong|go) in {1} / tidy {0} away into {1}",
    ),
    "all_on_zone": _say(
        f"{PUT} (all|all of) {{0}} (on|onto) {{1}}",
        "gather {0} up on {1}",
        "{0} all (belong|go) on {1}",
    ),
    "number_in": _say(
        f"{PUT} exactly {{0}} of {{1}} (in|into) {{2}} / {PUT} {{0}} of {{1}} in {{2}}, no more",
        "see that just {0} of {1} end up in {2}",
        "{2} should get {0} of {1}, no more and no fewer",
    ),
    "rest_in": _say(
        f"{PUT} everything loose that is not {{0}} (in|into) {{1}} / "
        f"{PUT} all loose things that are not {{0}} in {{1}}",
        "collect whatever loose thing isn't {0} in {1}",
    ),
    "all_but_in": _say(
        f"{PUT} all {{0}} except {{1}} (in|into) {{2}} / {PUT} all {{0}} but {{1}} in {{2}}",
        "apart from {1}, gather all {0} in {2}",
        "all {0} go in {2}, just not {1}",
    ),
    "by_match": _say(
        f"{PUT} each of {{0}} (in|into) the container of its own colour",
        "see that each of {0} ends up in the container that matches its colour",
        "sort {0} by colour into the containers",
    ),
    "match_zone": _say(
        f"{PUT} each of {{0}} on the zone of its own colour",
        "see that each of {0} stands on the zone that matches its colour",
        "sort {0} by colour onto the zones",
    ),
    "clear_zone_in": _say(
        "clear {0} and put what was on it (in|into) {1} / move everything (off|from) {0} into {1}",
        "empty {0}: everything from there goes in {1}",
        "what is on {0} belongs in {1}",
    ),
    "clear_zone": _say(
        "(clear|empty) {0} / take everything off {0}",
        "nothing may be left on {0}",
        "{0} is needed: make it free",
    ),
    "empty_plate": _say(
        "empty {0} and put what was on it on {1} / move what lies on {0} to {1}",
        "what lies on {0} is to end up on {1}",
        "{0} is needed empty; use {1} for what is on it",
    ),
    # towers and rows
    "tower": _say(
        "(build|make) a tower with {0} / stack {0} (on one another|into one tower)",
        "pile up {0} / erect one tower out of {0}",
        "make {0} into something tall",
    ),
    "tower_order": _say(
        "(build|make) a tower: {0}, from the bottom to the top / "
        "stack {0} in this order, the first at the bottom",
        "pile up {0}, beginning at the bottom",
    ),
    "turn_tower": _say(
        "turn the tower over: {0} should be on {1} / rebuild the tower so that {0} is on {1}",
        "what is below should be above: {0} goes atop {1}",
        "the tower is upside down: {0} should be on top",
    ),
    "take_down": _say(
        "take the tower apart: {0} goes {1} {2} / take {0} off the tower and put it {1} {2}",
        "dismantle the tower and leave {0} {1} {2}",
        "the tower should be gone; {0} goes {1} {2}",
    ),
    "replace": _say(
        "put {2} in the place of {0}, which stands on {1}, and {0} on {3} / "
        "on {1}, replace {0} by {2}; put {0} on {3}",
        "instead of {0}, {2} should stand on {1}; {0} moves to {3}",
    ),
    "row": _say(
        "line up {0} from left to right / put {0} in a row from left to right",
        "make a row, left to right: {0}",
    ),
    "swap": _say(
        "swap {0} and {1} / exchange {0} and {1} / let {0} and {1} change places",
        "{0} should be where {1} is, and the other way round / trade the places of {0} and {1}",
        "{0} and {1} are in each other's place: put that right",
    ),
    # drawers
    "stow": _say(
        f"{PUT} {{0}} (in|into) {{1}} / put {{0}} away in {{1}}",
        "stash {0} inside {1} / make {0} disappear into {1}",
        "{0} (belongs|goes) in {1}",
    ),
    "fetch": _say(
        "(take|fetch|get) {0} (out of|from) {1} and put it {2} {3}",
        "{0} is inside {1}; bring it out and leave it {2} {3}",
        "get {0} out, it is needed {2} {3}",
    ),
    "fetch_any": _say(
        "(take|fetch|get) what is in {0} and put it {1} {2}",
        "look inside {0}; whatever you find there goes {1} {2}",
        "something is missing {1} {2}: look in {0}",
    ),
    "open_all": _say("open (both|all) drawers", "get every drawer open", "open everything"),
    "close_all": _say("close (both|all) drawers", "leave no drawer open", "shut everything"),
    # buttons
    "press_all": _say(
        "press (all buttons|every button) once / push each button once",
        "make each of the buttons click once",
        "use all the buttons once",
    ),
    "press_list": _say(
        "press these in order: {0}", "make these click one after the other: {0}"
    ),
    "press_match": _say(
        "press the button (of the same colour as|that has the colour of) {0}",
        "make the button click that matches {0} in colour",
    ),
    "press_as_many": _say(
        "press {0} as many times as there are {1} / press {0} once for each of the {1}",
        "make {0} click once per {1}, counting all the {1}",
        "{0} should click for each of the {1}",
    ),
    # decisions: {0} is what is asked about, the rest is said by the clauses of both ways
    "if": _say("if {0}, {1}, otherwise {2} / if {0}, {1}; if not, {2}",
               "{1} in case {0}, or else {2} / should it be that {0}, {1}, failing which {2}"),
    "there_is": _say("there is {0} on the table", "{0} can be found on the table"),
    "more": _say("there are more {0} than {1}", "the {0} outnumber the {1}"),
    "is_open": _say("{0} is open", "{0} stands open"),
    "taken": _say("something stands on {0}", "{0} is occupied"),
    "same_colour": _say("{0} and {1} have the same colour", "{0} matches {1} in colour"),
    "if_only": _say("if {0}, {1} / {1} if {0}", "should it be that {0}, {1}"),
    "before": _say(
        "before you {1}, {0} / {0} before you {1}",
        "{1}, but not until you {0} / {0} ahead of this: {1}",
    ),
    "both": _say(
        "{0} and at the same time {1} / {0} and also {1}, both at once",
        "let both be so at once: {0}, {1}",
    ),
    # counting and answering
    "as_many": _say(
        f"{PUT} as many of {{0}} (in|into) {{1}} as there are {{2}}",
        "count {2} and see that just so many of {0} end up in {1}",
        "{1} needs one of {0} for each of the {2}",
    ),
    "how_many": _say(
        "(tell me|say) how many {0} there are / say the number of {0} on the table",
        "let me know the number of {0} / count {0} for me",
    ),
    "what_inside": _say(
        "(tell me|say) what {0} the thing in {1} has / look in {1} and say what {0} the thing has",
        "let me know the {0} of the thing that {1} holds",
    ),
    "which_more": _say(
        "say whether there are more {0} or more {1}",
        "let me know which there are more of, {0} or {1}",
    ),
    # common sense
    "tidy": _say(
        "tidy up: put all loose things in {0}", "make the table tidy with the help of {0}",
        "tidy up",
    ),
    "drink": _say(
        "put {0} in something to drink from / {0} should be in something one drinks from",
        "find something one can drink from and drop {0} in there",
    ),
    "serve": _say(
        "serve {0} on something flat to eat from / put {0} on what one eats a cake from",
        "{0} is the cake: find the right dish for it",
    ),
    "soup": _say(
        "put {0} in what one eats soup from", "find what soup is served in and drop {0} in there"
    ),
    "bell": _say(
        "ring the bell: it is {0} / someone should hear us: {0} is the bell",
        "let {0}, which is the bell, be heard",
    ),
    "odd_one": _say(
        "put the odd one out of {0} in {1} / one of {0} is unlike the others in {2}: put it in {1}",
        "find the one of {0} that differs from the rest in {2}; it goes in {1}",
    ),
    "hide": _say(
        "hide {0} so that nobody sees it / put {0} where nobody sees it",
        "nobody may be able to see {0} any more",
    ),
}  # fmt: skip

JOINED_IN_ORDER = ("{0}, then {1}", "{0} and then {1}", "{0}; after that, {1}")
AT_FIRST = "first {0}, then {1}"
JOINED = ("{0}, and {1}", "{0}; also {1}", "{0} and {1}")
HELD_OUT_IN_ORDER = ("{0}, next {1}", "{0}; once that is done, {1}")
HELD_OUT_AT_FIRST = "begin with this: {0}; next {1}"
HELD_OUT_JOINED = ("{0}; besides, {1}", "{0}, as well as this: {1}")

VAGUE_KINDS: dict[str, tuple[str, ...]] = {
    "block": ("the thing that looks like a dice", "the square-sided thing"),
    "cylinder": ("the thing that could roll", "the thing like a little drum"),
    "star": ("the thing with five points", "the thing like in the night sky"),
    "hexagon": ("the six-sided thing", "the thing like a nut"),
    "triangle": ("the three-cornered thing", "the thing with three sides"),
    "bowl": ("the thing to eat soup from",),
    "plate": ("the thing to eat cake from",),
    "cup": ("the thing to drink from",),
    "button": ("the thing to press", "the thing that clicks"),
    "drawer": ("the thing that slides open", "the place to keep things"),
    "zone": ("the marked place", "the painted place"),
}
PLURALS: dict[str, str] = {
    "block": "blocks", "cylinder": "cylinders", "star": "stars", "hexagon": "hexagons",
    "triangle": "triangles", "bowl": "bowls", "plate": "plates", "cup": "cups",
    "button": "buttons", "drawer": "drawers", "zone": "zones",
}  # fmt: skip
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
AFTER_CHOICE = ("{0}. After that, {1}", "{0}. Then {1}")
AFTER_CHOICE_HELD_OUT = ("{0}. In either case, {1} afterwards", "{0}. Whichever it was, next {1}")


class Joints(NamedTuple):
    """Ways to join {0}, what was said so far, and {1}, the next clause.

    Attributes:
        in_order: {0} is to be done before {1}.
        at_first: the same, where {0} is the first clause.
        free: in any order.
        after_choice: {0} ends in a decision, of which {1} is no part.
    """

    in_order: tuple[str, ...]
    at_first: tuple[str, ...]
    free: tuple[str, ...]
    after_choice: tuple[str, ...]


@dataclass(frozen=True)
class Wording:
    """A way of speaking.

    Attributes:
        options: (clause, vagueness, whether it is part of another clause) -> its phrasings.
        joints: between clauses.
    """

    options: Callable[[str, Vagueness, bool], tuple[str, ...]]
    joints: Joints


def _seen(clause: str, vagueness: Vagueness, inner: bool) -> tuple[str, ...]:
    """For training; an inner clause takes no vague phrasing, which may be no order."""
    plain, _, vague = CLAUSES[clause]
    return vague if vague and vagueness == "vague" and not inner else plain


def _held_out(clause: str, vagueness: Vagueness, inner: bool) -> tuple[str, ...]:
    """Of the split `phrasing`."""
    return CLAUSES[clause].held_out


SEEN = Wording(_seen, Joints(JOINED_IN_ORDER, (AT_FIRST,), JOINED, AFTER_CHOICE))
HELD_OUT = Wording(
    _held_out,
    Joints(HELD_OUT_IN_ORDER, (HELD_OUT_AT_FIRST,), HELD_OUT_JOINED, AFTER_CHOICE_HELD_OUT),
)


def wording_of(split: str) -> Wording:
    """How the instructions of a split of `tasks.SPLITS` are worded."""
    return HELD_OUT if split == "phrasing" else SEEN
