"""Forms without a markup of their own."""

import json
from collections.abc import Sequence

from scixtag.formats.keywords.names import listed, names_of
from scixtag.formats.utf8 import encoded
from scixtag.vocabulary.concept import Concept, Vocabulary


def text(concepts: Sequence[Concept], _vocabulary: Vocabulary) -> str:
    """Names on one line: `Galaxy evolution, Quasars`.

    Not one a line, for a field of a submission form is mostly of one line, and browsers drop line breaks that are
    pasted into such a field, so that two names become one word.
    """
    return listed(names_of(concepts))


def as_json(concepts: Sequence[Concept], _vocabulary: Vocabulary) -> str:
    """A list of objects with `id`, `uri` and `label`, as in all our JSON; names are as the vocabulary has them."""
    told = [{"id": one.id, "uri": one.uri, "label": one.name} for one in concepts]
    return encoded(json.dumps(told, ensure_ascii=False)).decode()
