"""Options that several commands share, so that they read the same everywhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from scixtag.corpus.fields import Fields
    from scixtag.review.store.database import Database

Command = TypeVar("Command", bound=Callable[..., Any])

model_argument = click.argument("model", type=click.Path(path_type=Path))
quiet_option = click.option("--quiet", is_flag=True, help="No progress and no notes; errors only.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine to read.")
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an output folder that scixtag wrote.")
strict_option = click.option("--strict", is_flag=True, help="Stop at labels that the vocabulary does not hold.")


def seed_option(what: str) -> Callable[[Command], Command]:
    """The seed, and what it is of."""
    return click.option("--seed", type=click.IntRange(min=0), default=None, help=f"{what}  [default: 0]")


FEW_REPLICATES = 100


def _few_replicates(_context: click.Context, _option: click.Parameter, value: int) -> int:
    if value < FEW_REPLICATES:
        click.echo(f"--replicates {value}: too few for intervals that mean something; 1000 are usual", err=True)
    return value


replicates_option = click.option(
    "--replicates",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Of the bootstrap.",
    callback=_few_replicates,
)


def limit_option(
    default: int = 20, help_text: str = "Most concepts a paper, beside the selected ones."
) -> Callable[[Command], Command]:
    """How many concepts a paper."""
    return click.option("--limit", type=click.IntRange(min=1), default=default, show_default=True, help=help_text)


threshold_option = click.option(
    "--threshold", type=float, default=None, help="Select from this probability on, instead of the model's own rule."
)
FORMS = ("as-is", "ancestors", "most-specific")
"""Those of `predictions.closure.SetForm`, which is not imported for a help text."""
hierarchy_option = click.option(
    "--hierarchy",
    type=click.Choice(FORMS),
    default=None,
    help="The selected set as it is, with all ancestors, or the most specific concepts alone, "
    "instead of the model's own setting.",
)
explain_option = click.option(
    "--explain", is_flag=True, help="Say why: words, similar papers, reasons, path; see docs/explanations.md."
)
vocabulary_option = click.option(
    "--vocabulary",
    "vocabulary_name",
    metavar="V",
    default=None,
    help="SKOS (.rdf, .ttl, .jsonld), the UAT's JSON list, Annif's TSV, or uat[:RELEASE]. Not needed for `sample`.",
)

same_vocabulary_option = click.option(
    "--vocabulary",
    "vocabulary_name",
    metavar="V",
    default=None,
    help="Stop if this is not the vocabulary that the model was trained with.",
)


database_option = click.option(
    "--database",
    metavar="URL",
    default=None,
    help="Decisions: a SQLite file, or postgresql://USER@HOST/NAME.  [default: scixtag-review.sqlite]",
)


@contextmanager
def database_to_fill(url: str | None, *, create: bool = True, quiet: bool = False) -> Iterator["Database"]:
    """Open a database to put something in, and tell at the end if it is new, or stays new though that failed."""
    from scixtag.review.store.database import Database

    database = Database.open(url, create=create)
    try:
        with database:
            yield database
    except BaseException:
        _note_created(database)
        raise
    if not quiet:
        _note_created(database)


def _note_created(database: "Database") -> None:
    """Whoever has mistyped its name would look for what is in another."""
    if database.created:
        click.echo(f"{database.name}: there was no such database; a new one was made", err=True)


def names_in(text: str) -> list[str]:
    """The names of a list such as `a, b`."""
    return [name for part in text.split(",") if (name := part.strip())]


def fields_options(function: Command) -> Command:
    """Names of the columns, for sources whose columns have unusual names."""
    for name in ("labels", "abstract", "title", "id"):
        function = click.option(
            f"--{name}-field", default=None, metavar="COLUMN", help=f"The column of the {name}, if its name is unusual."
        )(function)
    return function


def fields_of(columns: dict[str, str | None]) -> "Fields":
    """What `fields_options` collected."""
    from scixtag.corpus.fields import Fields

    return Fields(**{name.removesuffix("_field"): column for name, column in columns.items()})
