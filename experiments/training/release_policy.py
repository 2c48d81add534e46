r"""Put a trained policy into the repository, with what was measured of it on its card.

    python -m handeye.experiments.training.release_policy --run outputs/train/nano \
        --name handeye-nano

writes `policies/checkpoints/<name>`: float16 weights, the processor, and the training's card. With
`--evaluation <folder>` of a `handeye evaluate` run the card also gives the success per task.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import tyro

from handeye.experiments.records.checkpoints import save_policy
from handeye.experiments.records.schemas import EvaluationInfo, RateRow, read_evaluation
from handeye.policies.tokens.action_tokenizer import TERMINATE_ID
from handeye.policies.trained import load_trained

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "checkpoints"
MEASURED = "## Measured"


@dataclass(frozen=True)
class ShipConfig:
    """Policy to ship.

    Attributes:
        run: folder of a training, or of a policy shipped before (to renew its card).
        name: under which `--policy.path` will find it.
        evaluation: folder of a `handeye evaluate` run of this policy.
        terminate_logit: added to the logit by which a token policy ends an episode, since decisions
            to end are rare in training; choose it on the seeds of model selection.
    """

    run: Path
    name: str
    evaluation: Path | None = None
    terminate_logit: float = 0.0


def run(config: ShipConfig) -> int:
    """Write the shipped folder; exit code 0."""
    last = config.run / "checkpoints" / "last" / "pretrained_model"
    source = last if last.is_dir() else config.run
    policy: Any = load_trained(source, config.name)
    card = (source / "README.md").read_text().split(MEASURED)[0].rstrip() + "\n"
    if config.terminate_logit:
        with torch.no_grad():
            policy.model.head.bias[TERMINATE_ID] += config.terminate_logit
        card += f"\nThe logit of terminating was raised by {config.terminate_logit:g} afterwards.\n"
    if config.evaluation is not None:
        card += measured(read_evaluation(config.evaluation / "eval_info.json"))
    folder = SHIPPED / config.name
    save_policy(folder, policy.model, policy.processor, card, half=True)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


def measured(info: EvaluationInfo) -> str:
    """The card's section about one evaluation."""
    rows = "\n".join(f"| {task} | {_rate(rate)} |" for task, rate in info["per_task"].items())
    return f"""
{MEASURED}
Suite `{info["suite"]}`, split `{info["split"]}`, seeds from {info["seed"]}, code {info["commit"]}:
final success with its 95 % interval (Wilson).

| task | success |
|---|---|
{rows}
| all | {_rate(info["success"])} |
"""


def _rate(rate: RateRow) -> str:
    low, high = rate["wilson95"]
    return f"{rate['k']}/{rate['n']} = {rate['rate']:.0%} ({low:.0%} to {high:.0%})"


if __name__ == "__main__":
    raise SystemExit(run(tyro.cli(ShipConfig, description=__doc__)))
