"""Policies: from observation and instruction to action, and the loop that runs them.

`policy` is the protocol, `rollout` the loop, `trained` the table of trained policies;
`checkpoint_files` reads their weights and `checkpoint_content` notices damage. The wings hold what
acts. A policy sees observations only: nothing here imports the simulation.

    tokens        actions <-> token ids, and decoding under a grammar
    navigation    shortest ways, exploring and what navigation policies share
    token_policy  the tabletop's transformer: frames, words and joints -> eight action tokens
    history       the apartments' transformer: remembered frames and words -> action tokens
    families      any published family of models with action slots, and RT-2's action words
    modular       the apartments' program reader, map and executor of programs
    rl            policies trained by reinforcement

After `import handeye.policies`, transformers' `AutoModel` and `AutoProcessor` load any of our
checkpoints by their folder, see `registration`.
"""

from handeye.policies.registration import register_when_used

__all__ = ["checkpoint_files", "policy", "rollout", "trained"]

register_when_used()
