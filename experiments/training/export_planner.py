"""Write `handeye-planner` as a GGUF file, which llama.cpp and what builds on it serve.

handeye export-planner --result planner.gguf
"""

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

from handeye.agents.embedded.handeye_planner import NAME, load_weights, shipped_folder
from handeye.experiments.records.run_folder import write_bytes_atomic
from handeye.experiments.training.config import ExportPlannerConfig

BLOCK = {  # transformers' names of a layer's tensors -> GGUF's
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}  # fmt: skip
PRETOKENIZER = "smollm"  # llama.cpp's name for digits apart, then as GPT-2


def run(config: ExportPlannerConfig) -> int:
    """Write the file and print the SHA-256 of it; exit code 0."""
    folder = config.model or shipped_folder()
    content = gguf_bytes(*load_weights(folder))
    write_bytes_atomic(config.result, content)
    digest = hashlib.sha256(content).hexdigest()
    print(f"{config.result}: {len(content) / 1e6:.1f} MB, sha256 {digest}")
    return 0


def gguf_bytes(model: Any, tokenizer: Any) -> bytes:
    """A `LlamaForCausalLM` with tied embeddings and its tokenizer as GGUF, in float32."""
    config = model.config
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.gguf"
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_name(NAME)
        writer.add_license("apache-2.0")
        writer.add_context_length(config.max_position_embeddings)
        writer.add_embedding_length(config.hidden_size)
        writer.add_block_count(config.num_hidden_layers)
        writer.add_feed_forward_length(config.intermediate_size)
        writer.add_head_count(config.num_attention_heads)
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
        writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
        writer.add_vocab_size(config.vocab_size)
        writer.add_file_type(gguf.LlamaFileType.ALL_F32)
        _add_tokenizer(writer, tokenizer)
        for name, tensor in model.state_dict().items():
            if name != "lm_head.weight":  # tied
                heads = _heads_of(name, config)
                writer.add_tensor(gguf_name(name), _turned(tensor.float().numpy(), heads))
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return path.read_bytes()


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Any) -> None:
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    kinds = {
        token["id"]: gguf.TokenType.CONTROL if token["special"] else gguf.TokenType.USER_DEFINED
        for token in described["added_tokens"]
    }
    texts = {index: text for text, index in tokenizer.get_vocab().items()}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(PRETOKENIZER)
    writer.add_token_list([texts[index] for index in range(len(texts))])
    writer.add_token_types([kinds.get(i, gguf.TokenType.NORMAL) for i in range(len(texts))])
    writer.add_token_merges([" ".join(pair) for pair in described["model"]["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_pad_token_id(tokenizer.pad_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(tokenizer.chat_template)


def gguf_name(name: str) -> str:
    """GGUF's name of a tensor of `LlamaForCausalLM`."""
    if name == "model.embed_tokens.weight":
        return "token_embd.weight"
    if name == "model.norm.weight":
        return "output_norm.weight"
    _, _, number, rest = name.split(".", 3)
    return f"blk.{number}.{BLOCK[rest.removesuffix('.weight')]}.weight"


def _heads_of(name: str, config: Any) -> int:
    """Heads whose rows have to be put in another order, 0 for other tensors."""
    if "q_proj" in name:
        return int(config.num_attention_heads)
    return int(config.num_key_value_heads) if "k_proj" in name else 0


def _turned(tensor: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """GGUF turns neighbouring pairs by their position, transformers the halves of a head."""
    if not heads:
        return tensor
    rows, columns = tensor.shape
    halves = tensor.reshape(heads, 2, rows // heads // 2, columns)
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(rows, columns)
