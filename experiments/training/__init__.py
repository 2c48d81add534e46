"""Training: one loop (`trainer.fit`) and one `Learner` for every network of the project.

Each `train*` module is a command: its data and its loss, as a `Recipe` of the loop. (The affordance
model is a logistic regression, which scipy fits at once.) `config` holds the settings of `handeye
train`, `data_parallel` the processes that share a batch, `muon` an optimizer, `cards` the READMEs
of checkpoints, `release_*` the way of a trained checkpoint into the repository.
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
    "trainer",
]
