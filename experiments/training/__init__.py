"""Training: one `Learner` for every network of the project.

Each `train*` module is a command: its data and its loss. `config` holds what the commands of
`handeye train` share, `data_parallel` the processes that share a batch, `muon` an optimizer,
`release_*` the way of a trained checkpoint into the repository.
"""

__all__ = [
    "config",
    "data_parallel",
    "learner",
    "train",
    "train_affordances",
    "train_eyes",
    "train_palm_e",
    "train_planner",
]
