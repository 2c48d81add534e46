"""The local backend, with a tiny model on real files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from handeye.agents.core.conversation import Message
from handeye.agents.language_models.capability_probe import LOOK
from handeye.agents.language_models.language_model import LanguageModelError
from handeye.agents.language_models.transformers_model import TransformersModel
from handeye.agents.load_language_model import load_language_model
from tests.agents.rigged_model import rigged_tokenizer, save_rigged_model, tiny_config

LOOK_TWICE = [Message("user", ("look twice",))]
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def rigged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rigged")
    save_rigged_model(folder)
    return folder


def test_speaks_and_calls(rigged: Path) -> None:
    model = load_language_model(f"transformers:{rigged}", RNG)
    assert model.abilities.tools
    assert model.reply(LOOK_TWICE).text == "yes indeed"
    reply = model.reply(LOOK_TWICE, [LOOK])
    assert [call.arguments["place"] for call in reply.calls] == ["left", "right"]
    history = [*LOOK_TWICE, Message("assistant", (), reply.calls)]
    answers = [Message("tool", ("empty",), call_id=call.call_id) for call in reply.calls]
    assert model.reply([*history, *answers], [LOOK]).text == "done looking"
    assert model.reply(LOOK_TWICE, [LOOK], max_tokens=1).stop == "length"


def test_log_likelihoods_are_exact() -> None:
    tokenizer = rigged_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(0)  # torch's layers know no other way to begin
        network = LlamaForCausalLM(tiny_config(LlamaConfig, len(tokenizer), 0))
    model = TransformersModel(network, tokenizer, "tiny")
    said = ["hot", "cold hot ?", "yes"] * 4
    told = model.log_likelihoods(LOOK_TWICE, said)
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "look twice"}], add_generation_prompt=True, return_dict=True
    )["input_ids"]
    for words, value in zip(said, told, strict=True):
        ids = tokenizer(words, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            scores = network(torch.tensor([[*prompt, *ids]])).logits[0].log_softmax(-1)
        by_hand = sum(float(scores[len(prompt) - 1 + i, token]) for i, token in enumerate(ids))
        assert value == pytest.approx(by_hand, abs=1e-4)
    assert model.reply(LOOK_TWICE, max_tokens=5).text == model.reply(LOOK_TWICE, max_tokens=5).text


def test_wrong_lines_and_folders_are_told(tmp_path: Path) -> None:
    for line, says in (
        ("opena:m", "did you mean openai:"),
        ("m", "write handeye-planner, handeye-reader, openai:"),
        (f"transformers:{tmp_path}", "no config.json"),
    ):
        with pytest.raises(LanguageModelError, match=says):
            load_language_model(line, RNG)
