"""Read a vocabulary in Annif's TSV format: `<uri>`, a tab, the name."""

import re
from pathlib import Path

from scixtag.errors import InputError
from scixtag.vocabulary.concept import Vocabulary
from scixtag.vocabulary.description import Description, build_vocabulary

_ROW = re.compile(r"<([^<>\s]+)>\t([^\t]*\S[^\t]*)(?:\t[^\t]*)?")


def read_annif_tsv(path: Path) -> Vocabulary:
    """The vocabulary in a UTF-8 file of rows `<uri>TAB name`, without a header.

    A third column, Annif's notation, is allowed and not kept. Empty rows are skipped.

    Raises:
        InputError: A row of another shape, a URI twice, or a file that is not UTF-8 or has no rows.
    """
    rows: dict[str, int] = {}
    descriptions: dict[str, Description] = {}
    for number, line in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        uri, name = _parse(line, f"{path} row {number}")
        if not uri:
            continue
        if uri in rows:
            raise InputError(f"{path} row {number}: <{uri}> stands in row {rows[uri]} already; remove one of the two")
        rows[uri] = number
        descriptions[uri] = Description(name)
    if not descriptions:
        raise InputError(f"{path}: no rows; expected lines of the form '<uri>TAB name'")
    return build_vocabulary(descriptions, title=path.stem)


def _parse(line: bytes, where: str) -> tuple[str, str]:
    """URI and name of a row; both empty for an empty row."""
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text; save the file as UTF-8") from error
    if not text.strip():
        return "", ""
    match = _ROW.fullmatch(text)
    if match is None:
        raise InputError(f"{where}: expected '<uri>', a tab and a name, got {text[:60]!r}; mend the row")
    return match[1], match[2]
