"""Formats by name."""

from scixtag.errors import ConfigError
from scixtag.formats.base import Format
from scixtag.formats.jsonl import PaperLines, SuggestionLines
from scixtag.formats.parquet import PaperTable, SuggestionTable
from scixtag.vocabulary.concept import Vocabulary

_FORMATS: dict[tuple[str, str], type[PaperLines | SuggestionLines | PaperTable | SuggestionTable]] = {
    ("jsonl", "paper"): PaperLines,
    ("jsonl", "suggestion"): SuggestionLines,
    ("parquet", "paper"): PaperTable,
    ("parquet", "suggestion"): SuggestionTable,
}


def format_named(name: str, rows: str, vocabulary: Vocabulary) -> Format:
    """A format.

    Args:
        name: `jsonl` or `parquet`.
        rows: What a row is: `paper` or `suggestion`.
        vocabulary: What the columns of answers mean.

    Raises:
        ConfigError: There is no such format.
    """
    found = _FORMATS.get((name, rows))
    if found is None:
        known = ", ".join(f"{one} a {row}" for one, row in _FORMATS)
        raise ConfigError(f"no format is called '{name}' with one row a {rows}; known: {known}")
    return found(vocabulary)
