"""RT-2 says its action in words of its own."""

import torch

from tests.policies.families.test_family_policy import ACTION, inputs, made


def test_what_it_decides_is_what_it_foretells_word_by_word() -> None:
    model, _ = made("rt2")
    tokens, output = model.decide(**inputs())
    with torch.no_grad():
        again = model(**inputs(), action_tokens=tokens).logits
    torch.testing.assert_close(again, output.logits, atol=1e-4, rtol=1e-4)
    assert torch.equal(model.grammar.constrain(again, slice(None)).argmax(-1), tokens)


def test_a_word_does_not_know_those_after_it_and_padding_changes_nothing() -> None:
    model, _ = made("rt2")
    other = ACTION.clone()
    other[:, -2:] += 7
    longer = inputs()
    longer["words"] = torch.cat([longer["words"], torch.zeros(2, 3, dtype=torch.int64)], dim=1)
    with torch.no_grad():
        one, two, padded = (
            model(**given, action_tokens=tokens).logits
            for given, tokens in ((inputs(), ACTION), (inputs(), other), (longer, ACTION))
        )
    assert torch.equal(one[:, :-1], two[:, :-1])
    torch.testing.assert_close(one, padded, atol=1e-5, rtol=1e-5)
