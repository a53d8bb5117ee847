"""Papers, concepts and suggestions for the tests of the curator's desk."""

from scixtag.corpus.record import Record
from scixtag.predictions.suggestion import Suggestion
from scixtag.review.decisions import ConceptName, Origin
from scixtag.review.store import papers as paper_rows
from scixtag.review.store.papers import NewPaper

ORIGIN = Origin("linear", "0123456789abcdef", "UAT", "5.1.0", "fedcba9876543210")
GALAXIES, QUASARS, DUST, LENSES, STARS = (
    ConceptName(number, f"http://astrothesaurus.org/uat/{number}", label)
    for number, label in ((594, "Galaxy evolution"), (1319, "Quasars"), (836, "Dust"), (670, "Lenses"), (1599, "Stars"))
)
SUGGESTIONS = tuple(
    Suggestion(concept.id, concept.uri, concept.label, probability, probability >= 0.4)
    for concept, probability in ((GALAXIES, 0.9), (QUASARS, 0.45), (DUST, 0.2))
)


def put(database, *papers, listed=SUGGESTIONS, origin=ORIGIN):
    """Put papers straight into the table: ids, or (id, uncertainty, expected gain)."""
    given = [paper if isinstance(paper, tuple) else (paper, 0.0, 0.0) for paper in papers]
    new = [NewPaper(i, f"On {i}", "We look at it.", unsure, gain, listed) for i, unsure, gain in given]
    with database.writing() as connection:
        return paper_rows.put_in(connection, new, "cases", "2026-01-01T00:00:00.000000Z", origin)


def record(identifier, title="A title", abstract="An abstract", labels=None):
    return Record(identifier, title, abstract, labels)
