"""Real chat-completions servers over the planner's weights, started and ended by tests."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import httpx2

NAME = "handeye-planner"
ROOT = Path(__file__).parents[2]
BIN = ROOT / ".venv-servers" / "bin"
STARTS_IN_S = 900.0  # transformers imports for minutes where others keep the cores busy


class Live(NamedTuple):
    """A server that runs.

    Attributes:
        server: its name and version.
        url: with /v1 at its end.
        model: as it calls the model.
    """

    server: str
    url: str
    model: str


def planner_folder() -> Path:
    """The shipped weights, or those of the folder that HANDEYE_PLANNER names."""
    shipped = Path(str(resources.files("handeye.agents") / "checkpoints" / NAME))
    return Path(os.environ.get("HANDEYE_PLANNER", shipped)).resolve()


def version(package: str) -> str:
    """Of a package in the servers' environment."""
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    said = subprocess.run([BIN / "python", "-c", ask], capture_output=True, text=True, check=True)
    return said.stdout.strip()


@contextmanager
def llama_cpp(folder: Path, scratch: Path) -> Iterator[Live]:
    """llama.cpp's own server over the weights exported to GGUF."""
    gguf = scratch / "planner.gguf"
    export = ["-m", "handeye.experiments.cli", "export-planner", "--model", folder]
    subprocess.run([sys.executable, *export, "--result", gguf], check=True)
    context = json.loads((folder / "config.json").read_text())["max_position_embeddings"]
    command = [BIN / "python", Path(__file__).with_name("serve_gguf.py"), gguf, NAME, str(context)]
    with running(command, scratch) as process:
        assert process.stdout is not None
        address = next(line for line in process.stdout if line.startswith("http")).strip()
        package = version("xllamacpp")
        build = package.rpartition(".")[2]
        yield Live(f"llama.cpp b{build} (xllamacpp {package})", f"{address}/v1", NAME)


@contextmanager
def transformers_serve(folder: Path, scratch: Path) -> Iterator[Live]:
    """`transformers serve` over the weights as they are."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (scratch / NAME).symlink_to(folder)  # so that the model is called by its name, not by a path
    command = [BIN / "transformers", "serve", NAME, "--host", "127.0.0.1", "--port", str(port)]
    with running([*command, "--device", "cpu"], scratch) as process:
        wait_for(f"http://127.0.0.1:{port}/health", process)
        said = f"transformers serve {version('transformers')}"
        yield Live(said, f"http://127.0.0.1:{port}/v1", NAME)


@contextmanager
def running(command: Sequence[str | Path], folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process of one thread that reads our pipe; it is ended at the end."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_CACHE": str(folder),  # transformers lists what is there, and must find the folder
    }
    with (
        open(folder / "server.log", "w") as log,
        subprocess.Popen(
            command, cwd=folder, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
        ) as process,
    ):  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()


def wait_for(url: str, process: "subprocess.Popen[str]") -> None:
    """Until the server answers there."""
    until = time.monotonic() + STARTS_IN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx2.get(url, timeout=5.0).status_code == 200:
                return
        except httpx2.HTTPError:
            time.sleep(0.5)
    raise RuntimeError(f"the server did not start; see server.log beside it ({process.poll()})")
