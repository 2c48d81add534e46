"""What is said about each clause: phrasings for training, vague ones, and held-out ones.

Slots are numbered: {0} is an object's description or words as they are. A clause's plain phrasings
serve for specific and ordinary wording, which differ in how objects are described. Held-out ones
are three word edits or more from all that training says; they stand on their own as sentences and
within others.
"""

from typing import NamedTuple

from handeye.envs.base.phrases import spell_out


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
        "when I look next, I want to see {0} down there inside {1} / "
        "what {1} is there for is to hold {0}: act accordingly",
        "{0} (belongs|goes) in {1}",
    ),
    "put_on": _say(
        "(stack|set|put|place) {0} (on|on top of|onto) {1}",
        "let {1} be the one that carries {0} from now on / "
        "when I look next, I want to see {0} up there on {1}",
        "{0} (belongs|goes) on {1}",
    ),
    "put_zone": _say(
        f"{PUT} {{0}} (on|onto) {{1}}",
        "let {1} be what one sees all around {0} / "
        "when I look next, I want to see {0} somewhere within {1}"
    ),
    "push": _say(
        "(push|slide|shove) {0} (to|onto) {1}",
        "without ever lifting it, get {0} across the table as far as {1} / "
        "keep {0} down on the table and set it sliding until {1} is under it"
    ),
    "left": _say(f"{PUT} {{0}} (left of|to the left of) {{1}}",
        "let {1} have {0} standing close by, on its left side"),
    "right": _say(f"{PUT} {{0}} (right of|to the right of) {{1}}",
        "let {1} have {0} standing close by, on its right side"),
    "front": _say(f"{PUT} {{0}} in front of {{1}}",
        "let {1} have {0} standing close by, on its front side"),
    "behind": _say(f"{PUT} {{0}} behind {{1}}",
        "let {1} have {0} standing close by, right at its back"),
    "press": _say(
        "(press|push|tap) {0}",
        "send {0} down once and let it come up again / "
        "I would like to hear {0} being pressed", "(use|hit) {0}"
    ),
    "open": _say("(open|pull open) {0}",
        "get {0} to stick out as far as it goes / "
        "what {0} contains should be there for all to see", "(open up|open) {0}"),
    "close": _say("(close|shut) {0}",
        "have {0} all the way back inside, nothing sticking out / "
        "what {0} contains should no longer be there for all to see", "(close|push shut) {0}"),
    "press_times": _say(
        "(press|push|tap) {0} {1} times / (press|push) {0}, {1} times in all",
        "send {0} down and let it come up again, {1} times over / "
        "I would like to hear {0} being pressed {1} times",
    ),
    # groups
    "all_in": _say(
        f"{PUT} (all|all of) {{0}} (in|into) {{1}} / {PUT} every one of {{0}} in {{1}}",
        "leave none of {0} outside: they all have to end up inside {1} / "
        "when I look next, {1} should contain {0}, every last one",
        "{0} all (belong|go) in {1} / tidy {0} away into {1}",
    ),
    "all_on_zone": _say(
        f"{PUT} (all|all of) {{0}} (on|onto) {{1}}",
        "leave none of {0} elsewhere: {1} is where every last one has to be",
        "{0} all (belong|go) on {1}",
    ),
    "number_in": _say(
        f"{PUT} exactly {{0}} of {{1}} (in|into) {{2}} / {PUT} {{0}} of {{1}} in {{2}}, no more",
        "when I look next, {2} should contain {0} of {1}, the others being elsewhere",
        "{2} should get {0} of {1}, no more and no fewer",
    ),
    "rest_in": _say(
        f"{PUT} everything loose that is not {{0}} (in|into) {{1}} / "
        f"{PUT} all loose things that are not {{0}} in {{1}}",
        "leave what is {0}, but let {1} hold any other loose thing",
    ),
    "all_but_in": _say(
        f"{PUT} all {{0}} except {{1}} (in|into) {{2}} / {PUT} all {{0}} but {{1}} in {{2}}",
        "leave {1} alone, and let {2} hold all the other ones among {0}",
        "all {0} go in {2}, just not {1}",
    ),
    "by_match": _say(
        f"{PUT} each of {{0}} (in|into) the container of its own colour",
        "look at the colour of each among {0}, find a container that shares it, and let it hold"
        " that one",
        "sort {0} by colour into the containers",
    ),
    "match_zone": _say(
        f"{PUT} each of {{0}} on the zone of its own colour",
        "look at the colour of each among {0}, find a zone that shares it, and let it carry "
        "that one",
        "sort {0} by colour onto the zones",
    ),
    "clear_zone_in": _say(
        "clear {0} and put what was on it (in|into) {1} / move everything (off|from) {0} into {1}",
        "when I look next, {1} should contain what now stands on {0}",
        "what is on {0} belongs in {1}",
    ),
    "clear_zone": _say(
        "(clear|empty) {0} / take everything off {0}",
        "whatever it is that stands on {0}, find it another place",
        "{0} is needed: make it free",
    ),
    "empty_plate": _say(
        "empty {0} and put what was on it on {1} / move what lies on {0} to {1}",
        "let {1} carry from now on whatever {0} carries at present",
        "{0} is needed empty; use {1} for what is on it",
    ),
    # towers and rows
    "tower": _say(
        "(build|make) a tower with {0} / stack {0} (on one another|into one tower)",
        "let {0} carry one another, as high up as it goes / "
        "when I look next, {0} should have become one tower",
        "make {0} into something tall",
    ),
    "tower_order": _say(
        "(build|make) a tower: {0}, from the bottom to the top / "
        "stack {0} in this order, the first at the bottom",
        "build upwards, and keep to this order, which starts on the table itself: {0}",
    ),
    "turn_tower": _say(
        "turn the tower over: {0} should be on {1} / rebuild the tower so that {0} is on {1}",
        "from now on it has to be {1} that carries {0}, not the reverse",
        "the tower is upside down: {0} should be on top",
    ),
    "take_down": _say(
        "take the tower apart: {0} goes {1} {2} / take {0} off the tower and put it {1} {2}",
        "{0} is up there on a tower and should come down, to a place {1} {2}",
        "the tower should be gone; {0} goes {1} {2}",
    ),
    "replace": _say(
        "put {2} in the place of {0}, which stands on {1}, and {0} on {3} / "
        "on {1}, replace {0} by {2}; put {0} on {3}",
        "from now on {1} has to carry {2} and no longer {0}, for which there is space on {3}",
    ),
    "row": _say(
        "line up {0} from left to right / put {0} in a row from left to right",
        "let {0} stand side by side, beginning on the left",
    ),
    "swap": _say(
        "swap {0} and {1} / exchange {0} and {1} / let {0} and {1} change places",
        "let {0} have the spot where {1} is at present, and let {1} have the one of {0} / "
        "where {0} is, I would like to see {1}, and where {1} is, {0}",
        "{0} and {1} are in each other's place: put that right",
    ),
    # drawers
    "stow": _say(
        f"{PUT} {{0}} (in|into) {{1}} / put {{0}} away in {{1}}",
        "when I look into {1} the next time, {0} should be in there / "
        "let {1} be the one that keeps {0} out of the way",
        "{0} (belongs|goes) in {1}",
    ),
    "fetch": _say(
        "(take|fetch|get) {0} (out of|from) {1} and put it {2} {3}",
        "{0} has been in {1} for long enough and should now be found {2} {3}",
        "get {0} out, it is needed {2} {3}",
    ),
    "fetch_any": _say(
        "(take|fetch|get) what is in {0} and put it {1} {2}",
        "I don't know what {0} contains, but it should now be found {1} {2}",
        "something is missing {1} {2}: look in {0}",
    ),
    "open_all": _say("open (both|all) drawers",
        "I would like to see what each of the drawers contains", "open everything"),
    "close_all": _say("close (both|all) drawers",
        "no drawer here should stick out any more", "shut everything"),
    # buttons
    "press_all": _say(
        "press (all buttons|every button) once / push each button once",
        "I would like to hear all of the buttons, each of them a single time",
        "use all the buttons once",
    ),
    "press_list": _say(
        "press these in order: {0}",
        "I would like to hear these buttons in the order of my list, which is this: {0}"
    ),
    "press_match": _say(
        "press the button (of the same colour as|that has the colour of) {0}",
        "look at the colour of {0}, find a button that shares it, and send that one down",
    ),
    "press_as_many": _say(
        "press {0} as many times as there are {1} / press {0} once for each of the {1}",
        "count the {1}, and let that be how often {0} is pressed",
        "{0} should click for each of the {1}",
    ),
    # decisions: {0} is what is asked about, the rest is said by the clauses of both ways
    "if": _say("if {0}, {1}, otherwise {2} / if {0}, {1}; if not, {2}",
        "it all depends on whether {0}: where it is so, {1}; where it is not, {2} / "
        "find out first about this: {0}? then if yes {1}, and if no {2}"),
    "there_is": _say("there is {0} on the table",
        "a look at the whole table shows {0} somewhere"),
    "more": _say("there are more {0} than {1}",
        "a count shows the {0} to be ahead of the {1}"),
    "is_open": _say("{0} is open",
        "I could see inside {0} from here"),
    "taken": _say("something stands on {0}",
        "there is not enough space left on {0} for another thing"),
    "same_colour": _say("{0} and {1} have the same colour",
        "nobody could tell {0} from {1} by colour alone"),
    "if_only": _say("if {0}, {1} / {1} if {0}",
        "do nothing at all unless you see that {0}, in which case {1}"),
    "before": _say(
        "before you {1}, {0} / {0} before you {1}",
        "there are two parts to this, of which the former is: {0}; and the latter is: {1} / "
        "the second job is: {1}; the one you start with is: {0}",
    ),
    "both": _say(
        "{0} and at the same time {1} / {0} and also {1}, both at once",
        "at one and the same moment I want to find two things true: {0}; {1}",
    ),
    # counting and answering
    "as_many": _say(
        f"{PUT} as many of {{0}} (in|into) {{1}} as there are {{2}}",
        "count the {2}, and let that be how many of {0} are in {1} at the end",
        "{1} needs one of {0} for each of the {2}",
    ),
    "how_many": _say(
        "(tell me|say) how many {0} there are / say the number of {0} on the table",
        "what would you get if you were to count the {0} here / "
        "I would like to learn the number of {0} around here",
    ),
    "what_inside": _say(
        "(tell me|say) what {0} the thing in {1} has / look in {1} and say what {0} the thing has",
        "look at the thing that is in {1} and let me learn its {0}",
    ),
    "which_more": _say(
        "say whether there are more {0} or more {1}",
        "which of the two is ahead if you count them all, {0} or {1}",
    ),
    # common sense
    "tidy": _say(
        "tidy up: put all loose things in {0}",
        "I don't want to see any loose things lying around, so let {0} hold them",
        "tidy up",
    ),
    "drink": _say(
        "put {0} in something to drink from / {0} should be in something one drinks from",
        "let something hold {0} that one would also use for drinking",
    ),
    "serve": _say(
        "serve {0} on something flat to eat from / put {0} on what one eats a cake from",
        "let something carry {0} that a piece of cake would also be eaten from",
    ),
    "soup": _say(
        "put {0} in what one eats soup from",
        "let something hold {0} that one would also use for soup"
    ),
    "bell": _say(
        "ring the bell: it is {0} / someone should hear us: {0} is the bell",
        "think of {0} as a bell and let everyone hear that we are here",
    ),
    "odd_one": _say(
        "put the odd one out of {0} in {1} / one of {0} is unlike the others in {2}: put it in {1}",
        "look at {0}: one is not like the others in {2}, and {1} should hold that one",
    ),
    "hide": _say(
        "hide {0} so that nobody sees it / put {0} where nobody sees it",
        "think of someone who looks around here and make sure that {0} is not seen by them",
    ),
}  # fmt: skip
