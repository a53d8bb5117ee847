"""The `scixtag` command: finds commands without importing them, and turns errors into exit codes."""

import re
import signal
import sys
from contextlib import suppress
from importlib import import_module
from io import TextIOWrapper

import click

from scixtag import __version__
from scixtag.errors import ConfigError, InputError, ModelError, ScixtagError, StoppedError

COMMANDS = {
    "demo": "Train, evaluate and tag with the embedded corpus, in under a minute.",
    "train": "Train a tagger on labelled papers.",
    "evaluate": "Evaluate a tagger on labelled papers that it did not learn from.",
    "benchmark": "Train and judge several systems under one protocol.",
    "compare": "Compare finished runs on the same papers.",
    "tag": "Tag a file of papers; writes JSON Lines.",
    "suggest": "Suggest concepts for one paper.",
    "serve": "Answer over HTTP.",
    "drift": "Say how new papers differ from the training papers, and whether to retrain.",
    "review": "Queue papers for curators, move their decisions in and out, and report on them.",
    "token": "Say who may decide: create, revoke and list tokens.",
    "export": "Write a model with a network for ONNX Runtime, in eight bits if wanted.",
    "data": "Describe a corpus: labels, gaps, duplicates, lengths.",
    "vocabulary": "Look into a vocabulary: show a concept, search, paths to the root.",
    "models": "List the models and their settings.",
    "recipes": "List settings that come with scixtag, for `train --recipe`.",
}


class LazyGroup(click.Group):
    """Imports a command's module when it is called, so that `--help` is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"scixtag.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scixtag")
def command() -> None:
    """Assign controlled keywords to scientific papers, and measure how well.

    SOURCE is `sample` (the embedded corpus; `sample:train`, `sample:test`), a Parquet, JSONL, CSV or TSV file (also
    .gz), a folder of them, or `hf:OWNER/NAME[@REVISION][:SPLIT]` on the Hugging Face hub.
    """


def run() -> None:
    """Run the command line and leave with 0; 2: usage and input; 130: stopped from outside; 1: any other error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # JSON is UTF-8 wherever it goes, and half a character in somebody's file (a lone surrogate) is no crash.
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    # What a job scheduler sends is told and cleaned up as Ctrl-C is.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Under nohup a lost terminal shall not matter.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run one command; returns its exit code."""
    try:
        command.main(arguments, prog_name="scixtag", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except SystemExit:
        # click leaves so, with 1, when the reader of our output has left (as `head` does); that is no error.
        return 0
    except (InputError, ConfigError, ModelError) as error:
        return _fail(error, str(error), 2)
    except StoppedError as error:
        return _fail(error, str(error), 130)
    except ScixtagError as error:
        return _fail(error, str(error), 1)
    except (KeyboardInterrupt, click.Abort) as error:
        # What was kept on purpose says so itself.
        return _fail(error, "interrupted" + ("" if _notes(error) else "; nothing half-written was left behind"), 130)
    except OSError as error:
        return _fail(error, f"{error.filename or 'input or output'}: {error.strerror or error}", 1)
    except MemoryError as error:
        return _fail(error, "out of memory; train on fewer papers, or use a smaller model (`scixtag models`)", 1)
    return 0


def _fail(error: BaseException, message: str, code: int) -> int:
    # Somebody's id may hold what would make a terminal ring, or paint it red.
    shown = re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda found: f"\\x{ord(found[0]):02x}", message)
    # The terminal may be gone, and with it whoever would read this.
    with suppress(OSError):
        for line in (f"error: {shown}", *_notes(error)):
            click.echo(line, err=True)
    return code


def _notes(error: BaseException) -> tuple[str, ...]:
    """What the work had to say; click makes an Abort of Ctrl-C, whose cause has it."""
    return (*getattr(error, "__notes__", ()), *getattr(error.__cause__, "__notes__", ()))
