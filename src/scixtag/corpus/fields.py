"""Which columns of a table hold what."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from scixtag.errors import InputError, nearest

USUAL_NAMES = {
    "id": ("bibcode", "id", "paper_id", "identifier", "scix_id", "doi", "arxiv_id"),
    "title": ("title", "titles", "headline"),
    "abstract": ("abstract", "abstracts", "description", "summary"),
    "labels": (
        *("verified_uat_ids", "uat_ids", "uat_id", "subject_ids", "label_ids"),
        *("labels", "subjects", "concept_ids", "concepts", "keywords"),
    ),
}
"""The names by which columns are found, without regard to case; the first that exists is taken."""


@dataclass(frozen=True)
class Fields:
    """Columns named explicitly; None means: find it by its usual names."""

    id: str | None = None
    title: str | None = None
    abstract: str | None = None
    labels: str | None = None


ANY_FIELDS = Fields()


@dataclass(frozen=True)
class Columns:
    """The columns of one table, as it spells them; None where it has none."""

    id: str | None
    title: str
    abstract: str | None
    labels: str | None

    def names(self) -> tuple[str | None, ...]:
        """In the order of `Fields`."""
        return (self.id, self.title, self.abstract, self.labels)


def choose_columns(present: Sequence[str], wanted: Fields, place: str) -> Columns:
    """Find the columns of a table.

    Args:
        present: The names that the table has.
        wanted: Those that the user named.
        place: The file, for messages.

    Raises:
        InputError: A named column is missing, there is no title, or two columns share the name.
    """
    chosen = {field.name: _choose(field.name, present, wanted, place) for field in fields(Fields)}
    title = chosen["title"]
    if title is None:
        found = ", ".join(present) or "none"
        if len(present) == 1 and ";" in present[0]:
            found += " (the file seems to be separated by semicolons; save it with commas or tabs)"
        raise InputError(
            f"{place}: no column of titles ({', '.join(USUAL_NAMES['title'])}); columns: {found}; "
            "name the right one with --title-field"
        )
    for name in {name for name in chosen.values() if name is not None}:
        if list(present).count(name) > 1:
            raise InputError(f"{place}: two columns are named '{name}'; rename one of them")
    return Columns(chosen["id"], title, chosen["abstract"], chosen["labels"])


def _choose(role: str, present: Sequence[str], wanted: Fields, place: str) -> str | None:
    named: str | None = getattr(wanted, role)
    if named is not None and named in present:
        return named
    spelled = {name.strip().casefold(): name for name in reversed(present)}
    if named is None:
        return next((spelled[name] for name in USUAL_NAMES[role] if name in spelled), None)
    if named.strip().casefold() not in spelled:
        raise InputError(f"{place}: no column '{named}' (--{role}-field); {nearest(named, set(present))}")
    return spelled[named.strip().casefold()]
