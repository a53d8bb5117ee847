"""Parquet: one row a paper, with lists, or one a suggestion.

A concept's id is a text, whatever it is in the vocabulary, so that files of any vocabulary have the same columns.
Probabilities are as the model gives them, in 32 bits, not cut to four decimals.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scixtag.formats.base import Shown
from scixtag.vocabulary.concept import Vocabulary


class _Table:
    """What both layouts share."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._concepts = _texts([str(one.id) for one in vocabulary])
        self._uris = _texts([one.uri for one in vocabulary])
        self._labels = _texts([one.name for one in vocabulary])
        self._deprecated = np.array([one.deprecated for one in vocabulary], bool)

    def _named(self, suggestions: Shown) -> dict[str, Any]:
        """One value a suggestion."""
        import pyarrow as pa

        columns = pa.array(suggestions.columns)
        return {
            "concept": self._concepts.take(columns),
            "uri": self._uris.take(columns),
            "label": self._labels.take(columns),
            "deprecated": pa.array(self._deprecated[suggestions.columns]),
            "probability": pa.array(suggestions.probabilities, pa.float32()),
            "selected": pa.array(suggestions.selected),
        }


class PaperTable(_Table):
    """Columns id, concepts, uris, labels, deprecated, probabilities, selected (lists of one length), from_prior."""

    def rendered(self, suggestions: Shown) -> bytes:
        """A file with one row a paper, in order."""
        import pyarrow as pa

        offsets = pa.array(np.concatenate([[0], suggestions.ends]), pa.int32())
        named = self._named(suggestions)
        lists = {
            many: pa.ListArray.from_arrays(offsets, named[one])
            for one, many in (
                ("concept", "concepts"),
                ("uri", "uris"),
                ("label", "labels"),
                ("deprecated", "deprecated"),
                ("probability", "probabilities"),
                ("selected", "selected"),
            )
        }
        return _file({"id": _texts(suggestions.ids), **lists, "from_prior": pa.array(suggestions.from_prior)})


class SuggestionTable(_Table):
    """Columns id, rank (from 1), concept, uri, label, deprecated, probability, selected, from_prior."""

    def rendered(self, suggestions: Shown) -> bytes:
        """A file with one row a suggestion, in order; none for a paper without any."""
        import pyarrow as pa

        lengths = suggestions.lengths
        papers = np.arange(len(lengths)).repeat(lengths)
        ranks = np.arange(len(papers)) - (suggestions.ends - lengths).repeat(lengths) + 1
        return _file(
            {
                "id": _texts(suggestions.ids).take(pa.array(papers)),
                "rank": pa.array(ranks, pa.int32()),
                **self._named(suggestions),
                "from_prior": pa.array(suggestions.from_prior[papers]),
            }
        )


def _texts(texts: Sequence[str]) -> Any:
    """Half a character in somebody's id or name (a lone surrogate) becomes its escape."""
    import pyarrow as pa

    return pa.array([one.encode("utf-8", errors="backslashreplace") for one in texts], pa.binary()).cast(pa.string())


def _file(columns: dict[str, Any]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
