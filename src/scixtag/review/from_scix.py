"""Papers for the queue from SciX: a list of bibcodes in a file, or a query."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from scixtag import progress
from scixtag.corpus.readers.piece import Rejected, excerpt
from scixtag.corpus.record import Record
from scixtag.corpus.scix import UnknownBibcodesError, checked_bibcode, papers_by_query, parts_by_bibcode
from scixtag.corpus.scix_access import Access
from scixtag.errors import InputError
from scixtag.review.incoming import Rejects

_NAMED = 5


def read_bibcodes(path: Path, rejects: Rejects) -> list[str]:
    """The bibcodes of a file, one a line, each once; empty lines and those that begin with # do not count.

    Args:
        path: The file.
        rejects: Takes the lines that hold something else.

    Raises:
        InputError: The file cannot be read, or holds none.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as a list of bibcodes ({error})") from error
    found: dict[str, None] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.strip().startswith("#"):
            continue
        try:
            found[checked_bibcode(line)] = None
        except InputError as error:
            rejects.add(path.name, Rejected(number, str(error), excerpt(line)))
    if not found:
        rejects.refuse_all(str(path))
        raise InputError(f"{path}: no bibcodes; write one in each line")
    return list(found)


def listed_papers(bibcodes: Sequence[str], access: Access | None = None) -> Iterator[Record]:
    """Papers by bibcode, as SciX answers; some that it does not know are noted.

    Raises:
        InputError: What is no bibcode, or SciX knows none.
        ConfigError, RemoteError: As `corpus.scix.papers_by_bibcode`.
    """
    unknown: list[str] = []
    came = False
    for found, lacking in parts_by_bibcode(bibcodes, access):
        unknown += lacking
        came = came or bool(found)
        yield from found
    if unknown and not came:
        raise UnknownBibcodesError((), unknown)
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
