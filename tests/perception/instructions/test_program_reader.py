from typing import Any

import pytest
import torch

from handeye.perception.instructions.navigation_program import (
    FIELDS,
    MOST_STEPS,
    NUMBER,
    OPS,
    NavigationProgram,
    ProgramStep,
    ProgramVocabulary,
    SpokenProgram,
)
from handeye.perception.instructions.program_reader import (
    ProgramLogits,
    ProgramReader,
    ProgramTargets,
    decode_program,
    program_ids,
    program_losses,
    program_targets,
    program_tokenizer,
    read_program,
)

VOCABULARY = ProgramVocabulary(
    kinds=("", "chair", "box"),
    colours=("", "red", "blue"),
    rooms=("", "kitchen", "study"),
    ordinals=("", "first", "second"),
)
SPOKEN = (
    SpokenProgram(
        (
            "pass",
            "the",
            "red",
            "chair",
            "on",
            "your",
            "left",
            "then",
            "stop",
            "at",
            "the",
            "box",
        ),
        (ProgramStep("pass", "chair", "red", side="left"), ProgramStep("stop", "box")),
    ),
    SpokenProgram(("find", "the", "blue", "box"), (ProgramStep("thing", "box", "blue"),)),
    SpokenProgram(("look", "for", "ada"), (ProgramStep("sign"),), sign_at=2),
    SpokenProgram(
        (NUMBER, "metres", "to", "the", "right", "and", NUMBER, "metres", "ahead"),
        (ProgramStep("point"),),
        ("right", "ahead"),
    ),
    SpokenProgram(
        ("come", "back", "after", "a", "visit", "to", "the", "study"),
        (ProgramStep("room", room="study"), ProgramStep("start")),
    ),
)
SENTENCES = [spoken.words for spoken in SPOKEN]
TOKENIZER = program_tokenizer([word for words in SENTENCES for word in words])


def reader() -> ProgramReader:
    return ProgramReader(VOCABULARY, len(TOKENIZER), width=32, layers=1, step_layers=1, heads=4)


def said(*steps: ProgramStep, length: int = 12) -> ProgramLogits:
    """Logits of one instruction that prefer those steps, then the end."""
    fields = [torch.zeros(1, MOST_STEPS, len(listed)) for listed in VOCABULARY.lists]
    fields[0][0, len(steps) :, 0] = 5.0
    for number, step in enumerate(steps):
        for field, index in zip(fields, VOCABULARY.indices(step), strict=True):
            field[0, number, index] = 5.0
    return ProgramLogits(tuple(fields), torch.zeros(1, length), torch.zeros(1, length, 4))


def test_it_has_a_logit_for_every_word_of_every_field() -> None:
    ids = torch.from_numpy(program_ids(TOKENIZER, SENTENCES))
    assert ids.shape == (5, 13)
    logits = reader()(ids)
    assert [field.shape for field in logits.fields] == [
        (5, MOST_STEPS, len(listed)) for listed in VOCABULARY.lists
    ]
    assert logits.sign.shape == (5, 13)
    assert logits.direction.shape == (5, 13, 4)


def test_padding_changes_nothing() -> None:
    model = reader()
    alone = model(torch.from_numpy(program_ids(TOKENIZER, SENTENCES[1:2])))
    padded = model(torch.from_numpy(program_ids(TOKENIZER, SENTENCES)))
    for a, b in zip(alone.fields, padded.fields, strict=True):
        torch.testing.assert_close(a[0], b[1], atol=1e-5, rtol=0)


def test_targets_are_the_steps_then_the_end() -> None:
    targets = program_targets(SPOKEN, VOCABULARY)
    assert targets.fields.shape == (5, MOST_STEPS, 1 + len(FIELDS))
    assert targets.fields[0, :, 0].tolist() == [OPS.index("pass"), OPS.index("stop")] + [0] * 6
    assert targets.fields[0, 0, 1:].tolist() == [1, 1, 0, 0, 1]
    assert (targets.fields[0, 2:, 1:] == -100).all()
    assert targets.sign.tolist() == [-100, -100, 3, -100, -100]
    assert targets.direction[3, [1, 7]].tolist() == [3, 0]


def test_a_program_that_is_too_long_is_refused() -> None:
    long = SpokenProgram(("turn",), (ProgramStep("turn left"),) * MOST_STEPS)
    with pytest.raises(ValueError, match="8 steps, at most 7"):
        program_targets([long], VOCABULARY)


def cost(model: Any, ids: torch.Tensor, targets: ProgramTargets) -> torch.Tensor:
    terms = program_losses(model(ids), targets).values()
    return torch.stack([term.mean for term in terms]).sum()


def test_the_loss_has_no_hole_where_nothing_is_asked() -> None:
    ids = torch.from_numpy(program_ids(TOKENIZER, SENTENCES[1:2]))
    assert torch.isfinite(cost(reader(), ids, program_targets(SPOKEN[1:2], VOCABULARY)))


@pytest.mark.slow
def test_it_learns_to_read_what_it_is_shown() -> None:
    torch.manual_seed(0)
    model = reader()
    ids = torch.from_numpy(program_ids(TOKENIZER, SENTENCES))
    targets = program_targets(SPOKEN, VOCABULARY)
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for _ in range(80):
        optimizer.zero_grad()
        cost(model, ids, targets).backward()
        optimizer.step()
    for spoken in SPOKEN[:3]:
        read = read_program(model, TOKENIZER, VOCABULARY, " ".join(spoken.words))
        name = spoken.words[spoken.sign_at] if spoken.sign_at >= 0 else ""
        assert read == NavigationProgram(spoken.steps, None, name)
    point = read_program(model, TOKENIZER, VOCABULARY, "2.5 metres to the right and 4 metres ahead")
    assert point == NavigationProgram((ProgramStep("point"),), (4.0, -2.5))
    with pytest.raises(ValueError, match="empty"):
        read_program(model, TOKENIZER, VOCABULARY, "...")


def test_what_cannot_be_done_is_not_read() -> None:
    logits = said(ProgramStep("between", "chair"), ProgramStep("start"))
    logits.fields[0][0, 1, OPS.index("and")] = 1.0
    logits.fields[1][0, 1, 2] = 1.0
    (first, second), _, _ = decode_program(logits, 0, ["x"], [], VOCABULARY)
    assert first == ProgramStep("between", "chair")
    assert second == ProgramStep("and", "box")  # a thing has a kind, even against the odds


def test_a_route_goes_on_until_it_stops() -> None:
    turn, stop = ProgramStep("turn left"), ProgramStep("stop")
    assert decode_program(said(turn, stop), 0, ["x"], [], VOCABULARY).steps == (turn, stop)
    unfinished = said(turn, ProgramStep("pass", "box"))
    unfinished.fields[0][0, 1, OPS.index("stop")] = 4.0
    assert decode_program(unfinished, 0, ["x"], [], VOCABULARY).steps[-1].op == "stop"


def test_of_two_numbers_one_counts_ahead() -> None:
    logits = said(ProgramStep("point"))
    logits.direction[0, 1] = torch.tensor([3.0, 0.0, 2.0, 0.0])
    logits.direction[0, 3] = torch.tensor([2.9, 0.0, 0.0, 0.5])
    words = [NUMBER, "and", NUMBER]
    assert decode_program(logits, 0, words, [1.0, 2.0], VOCABULARY).point_m == (2.0, 1.0)
