from pathlib import Path

import gguf
import numpy as np
import pytest

from handeye.agents.language_models.language_model import LanguageModelError
from handeye.experiments.training.config import ExportPlannerConfig
from handeye.experiments.training.export_planner import gguf_bytes, gguf_name, run
from tests.experiments.small_planner import small_planner


def test_the_file_holds_the_weights_the_tokens_and_the_template(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, tokenizer = small_planner()
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    file = tmp_path / "planner.gguf"
    assert run(ExportPlannerConfig(file, tmp_path)) == 0
    assert "sha256 " in capsys.readouterr().out
    reader = gguf.GGUFReader(file)
    fields = {name: field.contents() for name, field in reader.fields.items()}
    assert fields["general.architecture"] == "llama"
    assert fields["tokenizer.chat_template"] == tokenizer.chat_template
    assert fields["tokenizer.ggml.pre"] == "smollm"
    assert fields["tokenizer.ggml.eos_token_id"] == tokenizer.eos_token_id
    tokens = fields["tokenizer.ggml.tokens"]
    assert len(tokens) == len(tokenizer)
    assert tokens[tokenizer.eos_token_id] == "<|end|>"
    kinds = fields["tokenizer.ggml.token_type"]
    assert kinds[tokenizer.eos_token_id] == gguf.TokenType.CONTROL
    call = next(token for token in tokens if token.startswith('<tool_call>\n{"name": "pick"'))
    assert kinds[tokens.index(call)] == gguf.TokenType.USER_DEFINED
    tensors = {tensor.name: tensor.data for tensor in reader.tensors}
    state = model.state_dict()
    up = state["model.layers.1.mlp.up_proj.weight"].numpy()
    assert np.array_equal(tensors["blk.1.ffn_up.weight"], up)
    query = state["model.layers.0.self_attn.q_proj.weight"].numpy()
    half = query.shape[0] // model.config.num_attention_heads // 2
    turned = tensors["blk.0.attn_q.weight"]
    assert np.array_equal(turned[0], query[0])
    assert np.array_equal(turned[1], query[half])


def test_the_same_model_gives_the_same_file() -> None:
    assert gguf_bytes(*small_planner()) == gguf_bytes(*small_planner())


def test_names_are_those_of_llama() -> None:
    assert gguf_name("model.embed_tokens.weight") == "token_embd.weight"
    assert gguf_name("model.norm.weight") == "output_norm.weight"
    assert gguf_name("model.layers.3.input_layernorm.weight") == "blk.3.attn_norm.weight"


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LanguageModelError, match="holds no model"):
        run(ExportPlannerConfig(tmp_path / "a.gguf", tmp_path))
