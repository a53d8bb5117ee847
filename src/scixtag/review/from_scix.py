"""Papers for the queue from SciX: a list of bibcodes in a file, or a query."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from scixtag import progress
from scixtag.corpus.record import Record
from scixtag.corpus.scix import UnknownBibcodesError, papers_by_bibcode, papers_by_query
from scixtag.corpus.scix_api import Access
from scixtag.errors import InputError

_AT_ONCE = 2000
"""As many bibcodes SciX takes in one list."""
_NAMED = 5


def read_bibcodes(path: Path) -> list[str]:
    """The bibcodes of a file, one a line, each once; empty lines and those that begin with # do not count.

    Raises:
        InputError: The file cannot be read, or holds none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a list of bibcodes ({error})") from error
    found = list(dict.fromkeys(text for line in lines if (text := line.strip()) and not text.startswith("#")))
    if not found:
        raise InputError(f"{path}: no bibcodes; write one in each line")
    return found


def listed_papers(bibcodes: Sequence[str], access: Access | None = None) -> Iterator[Record]:
    """Papers by bibcode; some that SciX does not know are noted.

    Raises:
        InputError: What is no bibcode, or SciX knows none.
        ConfigError, RemoteError: As `corpus.scix.papers_by_bibcode`.
    """
    unknown: list[str] = []
    for start in range(0, len(bibcodes), _AT_ONCE):
        try:
            found: Sequence[Record] = papers_by_bibcode(bibcodes[start : start + _AT_ONCE], access)
        except UnknownBibcodesError as error:
            if len(error.unknown) == len(bibcodes):
                raise
            found = error.found
            unknown += error.unknown
        yield from found
    if unknown:
        more = f" and {len(unknown) - _NAMED:,} more" if len(unknown) > _NAMED else ""
        progress.note(f"SciX knows no paper {', '.join(unknown[:_NAMED])}{more}; passed over")


def found_papers(query: str, limit: int, access: Access | None = None) -> list[Record]:
    """The newest papers that a query of SciX finds.

    Raises:
        InputError: SciX does not understand the query, or it finds nothing.
        ConfigError, RemoteError: As `corpus.scix.papers_by_query`.
    """
    found = papers_by_query(query, limit, access)
    if not found:
        raise InputError(f"SciX finds no paper for '{query}'; try the query at https://scixplorer.org")
    return found
