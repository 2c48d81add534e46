"""Observation -> tensors of `FamilyPolicy`: frames and joints as `TokenPolicy` has them."""

from typing import Any, ClassVar

from transformers import AutoProcessor

from handeye.perception.families.vocabulary import Vocabulary
from handeye.policies.families.config import FamilyPolicyConfig
from handeye.policies.token_policy.processor import TokenPolicyProcessor


class FamilyPolicyProcessor(TokenPolicyProcessor):
    """The words are those of a `Vocabulary`, which also has marks for frames and places."""

    vocabulary_class: ClassVar[Any] = Vocabulary


AutoProcessor.register(FamilyPolicyConfig, FamilyPolicyProcessor, exist_ok=True)
