"""Titles and abstracts from SciX (the ADS), by bibcode or by query."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scixtag.corpus.readers.cells import record_of
from scixtag.corpus.record import Record
from scixtag.corpus.scix_access import Access, find_access
from scixtag.corpus.scix_api import ask, malformed
from scixtag.errors import InputError

_FIELDS = "bibcode,identifier,title,abstract,uat_id"
_ROWS = 2000
"""Papers in one answer; a server that gives fewer is asked for the rest."""
_FEW = 20
"""As many bibcodes go into a query of 1,000 characters. Queries are allowed by thousands a day; lists by a hundred."""
_BIBCODE = re.compile(r"[12][0-9]{3}[!#-\[\]-~]{15}")
"""A year and 15 more characters without blanks; neither a quote nor a backslash, which mean something in a query."""
_NAMED = 5


class UnknownBibcodesError(InputError):
    """SciX knows some of the bibcodes not, or none.

    Attributes:
        found: The papers that it knows, in the order asked for, for who wants to go on with these.
        unknown: The others.
    """

    def __init__(self, found: Sequence[Record], unknown: Sequence[str]) -> None:
        more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
        super().__init__(
            f"SciX knows no paper {', '.join(unknown[:_NAMED])}{more}; see whether the bibcode is complete, or search "
            "for the paper at https://scixplorer.org"
        )
        self.found, self.unknown = tuple(found), tuple(unknown)


class NoBibcodeError(InputError):
    """Something that should be a bibcode is none."""


def papers_by_bibcode(bibcodes: Iterable[str], access: Access | None = None) -> list[Record]:
    """The papers that have these bibcodes, in their order.

    A bibcode of old (of the preprint, say) finds the paper under the one that it has now; a paper comes once.

    Args:
        bibcodes: Any number; up to 20 are one query, more are sent as lists of 2,000, of which SciX allows about 100 a
            day.
        access: Where SciX is and who asks; by default as the user has set it up.

    Returns:
        Records with the bibcode as id, and with the numbers of UAT concepts as labels where SciX has some, else None.

    Raises:
        NoBibcodeError: What is no bibcode, before anything is asked.
        UnknownBibcodesError: SciX lacks some; it holds the papers found.
        ConfigError: No token, or SciX refuses it.
        RemoteError: SciX cannot be reached, allows no more requests for now, or its answer makes no sense.
    """
    parts = list(parts_by_bibcode(bibcodes, access))
    known = [record for found, _ in parts for record in found]
    unknown = [bibcode for _, lacking in parts for bibcode in lacking]
    if unknown:
        raise UnknownBibcodesError(known, unknown)
    return known


def parts_by_bibcode(bibcodes: Iterable[str], access: Access | None = None) -> Iterator[tuple[list[Record], list[str]]]:
    """As `papers_by_bibcode`, list by list as SciX answers: the papers found, and the bibcodes that SciX lacks.

    Raises:
        NoBibcodeError, ConfigError: At once.
        RemoteError: With the list that is not answered.
    """
    wanted = list(dict.fromkeys(checked_bibcode(bibcode) for bibcode in bibcodes))
    return _parts(wanted, access or find_access()) if wanted else iter(())


def _parts(wanted: Sequence[str], access: Access) -> Iterator[tuple[list[Record], list[str]]]:
    came: set[str] = set()
    for start in range(0, len(wanted), _ROWS):
        names = wanted[start : start + _ROWS]
        found = _by_identifier(access, _documents_of(access, names))
        known = {record.id: record for name in names if (record := found.get(name.casefold())) is not None}
        yield (
            [record for record in known.values() if record.id not in came],
            [name for name in names if name.casefold() not in found],
        )
        came |= known.keys()


def papers_by_query(
    query: str, limit: int, access: Access | None = None, sort: str = "date desc, bibcode desc"
) -> list[Record]:
    """The papers that a query finds.

    Args:
        query: In the language of SciX's own search box, such as `uat:"Quasars" year:2024`.
        limit: How many papers at most.
        access: Where SciX is and who asks; by default as the user has set it up.
        sort: A field of SciX and `asc` or `desc`, several with commas between them; by default the newest come first.

    Returns:
        Records as of `papers_by_bibcode`; none if the query finds none.

    Raises:
        InputError: The query is empty or SciX does not understand it, or the limit is below 1.
        ConfigError: No token, or SciX refuses it.
        RemoteError: SciX cannot be reached, allows no more requests for now, or its answer makes no sense.
    """
    if not query.strip():
        raise InputError('the query is empty; write it as in the search box of SciX, such as uat:"Quasars" year:2024')
    if limit < 1:
        raise InputError(f"a limit of {limit} papers asks for none; pass 1 or more")
    access = access or find_access()
    # UTF-8 has no half characters.
    text = query.encode("utf-8", errors="replace").decode()
    documents = _documents(access, "/search/query", {"q": text, "sort": sort}, limit)
    records = [_record(access, document) for document in documents]
    return list({record.id: record for record in records}.values())


def checked_bibcode(bibcode: str) -> str:
    """A bibcode without blanks around it.

    Raises:
        NoBibcodeError: It is none.
    """
    text = bibcode.strip()
    if _BIBCODE.fullmatch(text) is None:
        raise NoBibcodeError(
            f"{text[:60]!r} is no bibcode: those have 19 characters, with dots for those not used, such as "
            "2019ApJ...871L..17B"
        )
    return text


def _documents_of(access: Access, bibcodes: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    if len(bibcodes) <= _FEW:
        names = '" OR "'.join(bibcodes)
        return _documents(access, "/search/query", {"q": f'identifier:("{names}")'})
    listed = "\n".join(["bibcode", *bibcodes])
    return _documents(access, "/search/bigquery", {"q": "*:*", "fq": "{!bitset}"}, body=listed)


def _documents(
    access: Access, path: str, parameters: Mapping[str, str], limit: int | None = None, body: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """What a search finds, answer by answer; all of it, or the first `limit`."""
    start, total = 0, 1
    while start < total:
        rows = _ROWS if limit is None else min(_ROWS, limit - start)
        asked: dict[str, str | int] = {**parameters, "fl": _FIELDS, "rows": rows, "start": start}
        total, documents = _page(access, ask(access, path, asked, body))
        if limit is not None:
            total = min(total, limit)
        yield from documents[:rows]
        # One that promises more than it gives would be asked for ever.
        start = start + len(documents) if documents else total


def _page(access: Access, answer: Mapping[str, Any]) -> tuple[int, list[Mapping[str, Any]]]:
    """How many papers there are in all, and those of this answer."""
    response = answer.get("response")
    if isinstance(response, dict):
        total, documents = response.get("numFound"), response.get("docs")
        if isinstance(total, int) and isinstance(documents, list) and all(isinstance(one, dict) for one in documents):
            return total, documents
    raise malformed(access, "it has no list of papers")


def _by_identifier(access: Access, documents: Iterable[Mapping[str, Any]]) -> dict[str, Record]:
    """Papers by all their identifiers; what is the bibcode of one and was that of another means the former."""
    others: dict[str, Record] = {}
    current: dict[str, Record] = {}
    for document in documents:
        record = _record(access, document)
        current[record.id.casefold()] = record
        names = document.get("identifier")
        if isinstance(names, list):
            others |= {name.casefold(): record for name in names if isinstance(name, str)}
    return others | current


def _record(access: Access, document: Mapping[str, Any]) -> Record:
    bibcode = document.get("bibcode")
    if not isinstance(bibcode, str) or not bibcode.strip():
        raise malformed(access, "a paper has no bibcode")
    try:
        # SciX does not tell whether nobody has labelled a paper or somebody chose nothing.
        cells = (bibcode, document.get("title"), document.get("abstract"), document.get("uat_id") or None)
        return record_of("SciX", 0, cells)
    except ValueError as error:
        raise malformed(access, f"of {bibcode.strip()[:60]}, {error}") from error
