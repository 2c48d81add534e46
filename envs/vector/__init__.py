"""Environments in parallel: supervised worker processes, and vector environments on them."""

__all__ = ["env_host", "host_pool", "suite_vector", "vector_env", "worker", "worker_process"]
