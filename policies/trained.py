"""Trained policies by the `model_type` of their config: a new policy is one line here.

Classes are named, not imported: a process that runs baselines does without transformers.
"""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from handeye.policies.checkpoint_content import CONFIG, read_json_object
from handeye.policies.policy import Policy

RUNNERS = {
    "handeye_token_policy": "handeye.policies.token_policy.runner:TokenPolicyRunner",
    "handeye_room_policy": "handeye.policies.modular.runner:RoomPolicyRunner",
    "handeye_family_policy": "handeye.policies.families.runner:FamilyPolicyRunner",
    "handeye_rt2_policy": "handeye.policies.families.runner:Rt2PolicyRunner",
    "handeye_history_policy": "handeye.policies.history.runner:HistoryPolicyRunner",
}


def load_trained(folder: Path, policy_id: str | None = None) -> Policy:
    """Load a trained policy of any kind out of its checkpoint folder.

    Raises:
        FileNotFoundError: a file of the checkpoint is missing.
        ValueError: a file is damaged, or the checkpoint is of no known policy.
    """
    if not (folder / CONFIG).is_file():
        raise FileNotFoundError(
            f"{folder} is not a handeye checkpoint: it has no {CONFIG}; "
            "give the pretrained_model folder that `handeye train` wrote"
        )
    kind = read_json_object(folder / CONFIG).get("model_type")
    if not isinstance(kind, str) or kind not in RUNNERS:
        raise ValueError(
            f"{folder} holds a {kind!r} model, which is no policy; known: {', '.join(RUNNERS)}"
        )
    from handeye.policies.checkpoint_files import load_runner

    loaded: Policy = load_runner(folder, resolve_name(RUNNERS[kind]), policy_id)
    return loaded


def can_move(model: Any) -> bool:
    """Return whether a model's policy acts on any device."""
    return hasattr(resolve_name(RUNNERS[model.config.model_type]), "to")


def runner_of(model: Any, processor: Any) -> Policy:
    """Return a model in training, with its processor, as a policy."""
    made: Policy = resolve_name(RUNNERS[model.config.model_type])(model, processor)
    return made
