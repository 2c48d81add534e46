import pytest
import torch

from handeye.agents.embedded.llama_decoder import LlamaDecoder
from tests.experiments.small_planner import small_planner


def test_it_computes_what_transformers_computes() -> None:
    model, _ = small_planner()
    ids = list(range(5, 45))
    with torch.inference_mode():
        expected = model(torch.tensor([ids])).logits[0]
    decoder = LlamaDecoder(model)
    assert torch.allclose(decoder.all_logits(ids, 0), expected, atol=1e-4)
    assert torch.allclose(decoder.logits(ids), expected[-1], atol=1e-4)


def test_what_conversations_share_is_not_run_again_and_changes_nothing() -> None:
    model, _ = small_planner()
    decoder = LlamaDecoder(model)
    for ids in ([1, 2, 3, 4], [1, 2, 3, 4, 5, 6], [1, 2, 9], [1, 2, 9], [7]):
        assert torch.allclose(decoder.logits(ids), LlamaDecoder(model).logits(ids), atol=1e-4)


def test_what_does_not_fit_is_refused() -> None:
    decoder = LlamaDecoder(small_planner()[0])
    for ids in ([], [1] * (decoder.room + 1)):
        with pytest.raises(ValueError, match="tokens; the model takes"):
            decoder.logits(ids)
