"""Chance of an episode: a generator for each purpose, from the seed alone."""

import zlib

import numpy as np


def episode_rng(seed: int, task: str, purpose: int, *more: int) -> np.random.Generator:
    """Return the generator of one purpose in an episode; tasks of one seed are independent."""
    return np.random.default_rng([seed, purpose, zlib.crc32(task.encode()), *more])
