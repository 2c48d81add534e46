"""`handeye <command>`: find the command's module, parse its config, run it, report errors.

A command is a module with a frozen dataclass config and `run(config: ThatConfig) -> int` (the exit
code). Modules are imported when their command is called, so `handeye --help` stays quick. Errors
that a user can mend end as one line and exit code 2; anything else is a bug and keeps its trace.
"""

import importlib
import os
import sys
import typing
from collections.abc import Sequence
from dataclasses import dataclass

USAGE_EXIT_CODE = 2
INTERRUPTED_EXIT_CODE = 130
TRACEBACK_VARIABLE = "HANDEYE_TRACEBACK"
USER_ERRORS = (ValueError, OSError, ModuleNotFoundError)


@dataclass(frozen=True)
class Command:
    """One subcommand.

    Attributes:
        module: where its config and `run` live, under `handeye.experiments`.
        summary: one line for `handeye --help`.
        example: a call that works as it stands.
    """

    module: str
    summary: str
    example: str


COMMANDS: dict[str, Command] = {
    "list": Command(
        "list_suites",
        "suites, tasks, splits, policies and presets",
        "handeye list",
    ),
    "doctor": Command(
        "doctor",
        "what works on this machine, and the remedy for what does not",
        "handeye doctor",
    ),
    "demo": Command(
        "demo",
        "judge the shipped policy in minutes: table, videos, report.html",
        "handeye demo --output_dir outputs/demo",
    ),
    "collect": Command(
        "data.collect",
        "record episodes of the scripted oracles",
        "handeye collect --suite tabletop-core --episodes 2000 --workers 2 --seed 0 "
        "--output_dir data/core",
    ),
    "replay": Command(
        "data.replay",
        "simulate recorded episodes again and compare their hashes",
        "handeye replay --dataset.root data/core --episodes 100",
    ),
    "train": Command(
        "training.train",
        "train a policy from recorded episodes",
        "handeye train --preset nano --dataset.root data/core --steps 20000 --seed 0 "
        "--output_dir outputs/train/nano",
    ),
    "train-rl": Command(
        "rl.train_rl",
        "train a policy by reinforcement with stable-baselines3",
        "handeye train-rl --algo sac --task reach --output_dir outputs/train/reach",
    ),
    "train-eyes": Command(
        "training.train_eyes",
        "train the eyes of the tools from recorded tables and homes",
        "handeye train-eyes --tables data/core --homes data/rooms --steps 5000 "
        "--output_dir outputs/train/eyes",
    ),
    "evaluate": Command(
        "evaluation.evaluate",
        "success rates with intervals and a report for any policy or agent",
        "handeye evaluate --policy.path handeye-nano --suite tabletop-core --split seen "
        "--episodes 25 --seed 1000000 --workers 2 --output_dir outputs/eval/nano",
    ),
    "evaluate-eyes": Command(
        "evaluation.evaluate_eyes",
        "how well eyes find, answer and check, with intervals",
        "handeye evaluate-eyes --eyes handeye-eyes --frames 300 --output results/eyes.json",
    ),
    "agent": Command(
        "run_agent",
        "carry out an instruction with tools: live, as a page and as a video",
        "handeye agent --task put_in --output_dir outputs/agent",
    ),
    "mcp": Command(
        "run_mcp",
        "let any client of the Model Context Protocol drive the robot",
        "handeye mcp --task stack --http 127.0.0.1:8000",
    ),
    "train-affordances": Command(
        "training.train_affordances",
        "learn from random calls how likely skills come off (for --agent saycan)",
        "handeye train-affordances --episodes 800 --output outputs/affordance.json",
    ),
    "page": Command(
        "reports.transcript_page",
        "a page to read of any transcript, of a killed run too",
        "handeye page outputs/eval/agent --failed",
    ),
    "train-planner": Command(
        "training.train_planner",
        "train the embedded language model on fresh planning traces",
        "handeye train-planner --steps 20000 --output_dir outputs/train/planner",
    ),
    "export-planner": Command(
        "training.export_planner",
        "write the embedded language model as GGUF, for llama.cpp",
        "handeye export-planner --output planner.gguf",
    ),
    "train-palm-e": Command(
        "training.train_palm_e",
        "train the planner whose sentences hold frames (for --agent palm-e)",
        "handeye train-palm-e --scenes 3000 --steps 3000 --output_dir outputs/train/palm-e",
    ),
    "voyager": Command(
        "run_voyager",
        "learn skills by trying tasks: programs, kept when they hold in new scenes",
        "handeye voyager --rounds 16 --output_dir outputs/voyager",
    ),
    "safety": Command(
        "safety.command",
        "judge the gate: forbidden calls, hazards beside safe twins, orders in the scene",
        "handeye safety --output_dir outputs/safety",
    ),
    "bench": Command(
        "bench.bench",
        "speed ratios measured on this machine",
        "handeye bench --output results/bench.json",
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the `handeye` script; returns the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return dispatch(arguments)
    except KeyboardInterrupt:
        print("interrupted: finished episodes and checkpoints are kept", file=sys.stderr)
        return INTERRUPTED_EXIT_CODE
    except BrokenPipeError:  # `handeye list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except USER_ERRORS as error:
        if os.environ.get(TRACEBACK_VARIABLE) or is_bug(error):
            raise
        print_error(describe(error))
        return USAGE_EXIT_CODE


def dispatch(arguments: Sequence[str]) -> int:
    """Run the command named first among the arguments."""
    if not arguments or arguments[0] in {"-h", "--help", "help"}:
        print(overview())
        return 0 if arguments else USAGE_EXIT_CODE
    if arguments[0] in {"-V", "--version"}:
        from handeye import __version__

        print(f"handeye {__version__}")
        return 0
    name, rest = arguments[0], list(arguments[1:])
    if name not in COMMANDS:
        from handeye.base.names import unknown_name_message

        raise ValueError(unknown_name_message("command", name, COMMANDS))
    command = COMMANDS[name]
    module = importlib.import_module(f"handeye.experiments.{command.module}")
    config_type = typing.get_type_hints(module.run)["config"]
    return int(module.run(parse(name, command, config_type, rest)))


def parse(
    name: str, command: Command, config_type: type[typing.Any], arguments: Sequence[str]
) -> typing.Any:
    """Read a config from flags; `--help` and mistakes end the process as tyro does it (0, 2)."""
    import tyro

    summary = command.summary[0].upper() + command.summary[1:]
    return tyro.cli(
        config_type,
        prog=f"handeye {name}",
        description=f"{summary}.\n\nExample:\n\n    {command.example}\n",
        args=arguments,
        use_underscores=True,
    )


def overview() -> str:
    """The text of `handeye --help`."""
    width = max(map(len, COMMANDS))
    lines = [
        "usage: handeye <command> [flags]",
        "",
        "Embodied agents that see, read an instruction and act, in PyBullet.",
        "",
        "commands:",
        *(f"  {name:<{width}}  {command.summary}" for name, command in COMMANDS.items()),
        "",
        "example:",
        f"  {COMMANDS['evaluate'].example}",
        "",
        "`handeye <command> --help` lists the command's flags.",
    ]
    return "\n".join(lines)


def is_bug(error: Exception) -> bool:
    """Whether a user error's type hides a mistake of ours: a module of this package is missing."""
    name = error.name if isinstance(error, ModuleNotFoundError) else None
    return (name or "").split(".")[0] == "handeye"


def describe(error: Exception) -> str:
    """Cause and remedy of an error in one line."""
    if isinstance(error, OSError) and error.strerror and error.errno is not None:
        where = f": {error.filename}" if error.filename else ""
        remedy = OS_REMEDIES.get(type(error)) or ERRNO_REMEDIES.get(error.errno, "")
        return f"{error.strerror}{where}. {remedy}".strip()
    if isinstance(error, ModuleNotFoundError):
        return f"{error}. `make install` sets up what handeye needs; `handeye doctor` says more."
    return " ".join(str(error).split()) or type(error).__name__


OS_REMEDIES: dict[type[Exception], str] = {
    FileNotFoundError: "Check the path.",
    PermissionError: "Choose a place that you may write to.",
    FileExistsError: "Choose another --output_dir.",
}
ERRNO_REMEDIES = {28: "Free some space and call again with --resume: whole files are kept."}


def print_error(message: str) -> None:
    """`error: cause. remedy` on stderr, red where the terminal has colours."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"[bold red]error:[/] {escape(message)}")


if __name__ == "__main__":
    sys.exit(main())
