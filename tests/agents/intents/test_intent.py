import json

import llguidance
import pytest

from handeye.agents.intents.intent import (
    FORMS,
    Group,
    IntentError,
    Step,
    intent_grammar,
    read_intent,
    said,
)

WRITTEN = (
    "put [all small star but red star] in [blue bowl]; press [green button] 3 times",
    "if there is [red star] { put [red star] in [cup] } else { open [drawer] }; tell count [block]",
    "stack [red block], [any cylinder], [hexagon]; go back",
    "at once { put [a] on [b]; put [c] on [a] }; repeat 2 times { go to [kitchen], [sofa] }",
    "put [star] in [bowl] as many as [block]; tell whether as many [box] as [bed]",
    "put [2 block] in [container coloured like it]",
)


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_read_is_written_alike(text: str) -> None:
    assert said(read_intent(text)) == text
    assert read_intent(text.replace("; ", ";  ").replace(" {", "{")) == read_intent(text)


def test_an_intent_is_steps_with_groups_numbers_and_blocks() -> None:
    press, decision = read_intent("press [2 red button] 4 times; if open [drawer] { close [it] }")
    assert press == Step("press G N times", ((Group("red button", "2"),),), 4)
    assert decision.form == "if open G B"
    assert decision.blocks == ((Step("close G", ((Group("it"),),)),),)
    [step] = read_intent("put [all block but red block but blue block] on [zone], [x]")
    assert step.groups[0] == (Group("block", "all", ("red block", "blue block")),)
    assert step.groups[1] == (Group("zone"), Group("x"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no step"),
        ("hello there", "is no step; there are: put G in G"),
        ("put [a]", "'put G' is no step"),
        ("put [] in [b]", "names nothing"),
        ("put [all ] in [b]", "no step|names nothing"),
        ("open [a] }", "closes no block"),
        ("if open [a] { close [a]", "has no end"),
        ("at once { }", "holds no step"),
        ("press [a] 999 times", "more than 20"),
        ("put [a], in [b]", "between two groups"),
        ("press [b]!", "is no word"),
        ("press [b]; " * 41, "more than 40"),
        ("at once { " * 6 + "press [b]" + " }" * 6, "more than 4 others"),
        ("<|end|>", "is no word"),
    ],
)
def test_what_is_no_intent_is_refused_with_its_cause(text: str, why: str) -> None:
    with pytest.raises(IntentError, match=why):
        read_intent(text)


def test_the_grammar_allows_every_form_and_nothing_else() -> None:
    alphabet = llguidance.LLTokenizer("byte")
    grammar = f"start: intent\n{intent_grammar()}"

    def allowed(text: str) -> bool:
        """Return whether the grammar takes the whole text."""
        matcher = llguidance.LLMatcher(alphabet, grammar)
        assert not matcher.get_error(), matcher.get_error()
        return bool(matcher.consume_tokens(list(text.encode())) and matcher.is_accepting())

    for form in FORMS:
        fill = {"G": "[all red block], [it]", "N": "3", "B": "{ press [x]; go back }"}
        text = " ".join(fill.get(word, word) for word in form.split())
        assert said(read_intent(text)) == text
        assert allowed(text), text
        assert json.loads(json.dumps(text)) == text
    assert not allowed("put [a] beside [b]")
    assert not allowed("press [a]; ")
