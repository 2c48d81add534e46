"""`handeye <command>`: find the command's module, parse its config, run it, report errors.

A command is a frozen dataclass of flags in a module that is light to import, and a module with
`run(config) -> int` (the exit code), which is imported when the flags have been understood: so
every `--help` is quick. Errors that a user can mend end as one line and exit code 2; anything else
is a bug and keeps its trace.
"""

import importlib
import os
import sys
import typing
from collections.abc import Sequence
from datetime import datetime

from handeye.experiments.commands import COMMANDS, GROUPS, Command
from handeye.experiments.process_setup import INTERRUPTED_EXIT_CODE, prepare_process

USAGE_EXIT_CODE = 2

TRACEBACK_VARIABLE = "HANDEYE_TRACEBACK"
USER_ERRORS = (ValueError, OSError, ModuleNotFoundError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the `handeye` script; returns the exit code."""
    if arguments is None:
        arguments = sys.argv[1:]
        prepare_process(stdout="mcp" not in arguments[:1])  # a client of mcp may hang up
    try:
        return dispatch(list(arguments))
    except KeyboardInterrupt:
        print("interrupted: finished episodes and checkpoints are kept", file=sys.stderr)
        return INTERRUPTED_EXIT_CODE
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
    config = parse(name, command, rest)
    module = importlib.import_module(f"handeye.experiments.{command.module}")
    return int(module.run(config))


def config_type(command: Command) -> type[typing.Any]:
    """Return the dataclass of a command's flags."""
    module, _, name = command.config.partition(":")
    found: type[typing.Any] = getattr(
        importlib.import_module(f"handeye.experiments.{module}"), name
    )
    return found


def parse(name: str, command: Command, arguments: Sequence[str]) -> typing.Any:
    """Read a config from flags; `--help` and mistakes end the process as tyro does it (0, 2)."""
    import tyro

    from handeye.experiments.records.default_folder import with_folder

    summary = command.summary[0].upper() + command.summary[1:]
    config = tyro.cli(
        config_type(command),
        prog=f"handeye {name}",
        description=f"{summary}.\n\nExample:\n\n    {command.example}\n",
        args=arguments,
        use_underscores=True,
    )
    named = with_folder(config, name, datetime.now())
    if named is not config:
        print(f"output: {named.output_dir}", file=sys.stderr)
    return named


def overview() -> str:
    """The text of `handeye --help`."""
    width = max(map(len, COMMANDS))
    lines = [
        "usage: handeye <command> [flags]",
        "",
        "Embodied agents that see, read an instruction and act, in PyBullet.",
        "",
        *(
            line
            for group, commands in GROUPS.items()
            for line in (
                f"{group}:",
                *(f"  {name:<{width}}  {one.summary}" for name, one in commands.items()),
                "",
            )
        ),
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

    from handeye.base.printable import printable

    console = Console(stderr=True, soft_wrap=True, highlight=False)
    console.print(f"[bold red]error:[/] {escape(printable(message, lines=True))}")


if __name__ == "__main__":
    sys.exit(main())
