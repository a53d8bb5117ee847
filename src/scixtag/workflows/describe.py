"""Describe a corpus: its numbers, and a page with plots."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from scixtag import progress
from scixtag.corpus.description import ConceptCount, Description, describe
from scixtag.corpus.fields import ANY_FIELDS, Fields
from scixtag.corpus.size import expected_papers
from scixtag.corpus.sources import read_records
from scixtag.errors import InputError
from scixtag.files import writing
from scixtag.pages import chart
from scixtag.pages.page import Chart, Column, Facts, Part, Section, Table, Value, render
from scixtag.vocabulary.concept import Vocabulary


def describe_corpus(source: str, vocabulary: Vocabulary | None, fields: Fields = ANY_FIELDS) -> Description:
    """Count what a corpus holds.

    Args:
        source: `sample`, a file, a folder, or `hf:…`.
        vocabulary: Gives names, and says which labels are unknown or deprecated.
        fields: Which columns hold what.

    Raises:
        InputError: The source cannot be read, or holds no paper.
    """
    records = progress.track(read_records(source, fields), f"reading {source}", expected_papers(source))
    description = describe(records, vocabulary)
    if description.papers == 0:
        raise InputError(f"{source}: no papers; is the file empty?")
    return description


def facts(description: Description) -> list[tuple[str, Value]]:
    """The corpus in a few lines."""
    d = description
    return [
        ("papers", d.papers),
        ("without title", d.without_title),
        ("without abstract", d.without_abstract),
        ("without labels", d.without_labels),
        ("repeated ids", d.repeated_ids),
        ("repeated texts", d.repeated_texts),
        ("concepts in use", d.concepts),
        ("assignments", d.assignments),
        ("labels a labelled paper, mean", d.mean_labels),
        ("labels outside the vocabulary", d.unknown_count),
        ("deprecated concepts in use", len(d.deprecated)),
        ("papers with HTML tags", f"{d.with_tags:.0%}"),
        ("papers with LaTeX", f"{d.with_latex:.0%}"),
        ("words in a title, median", d.title_words.get("median")),
        ("words in an abstract, median", d.abstract_words.get("median")),
    ]


def write_page(description: Description, source: str, path: Path) -> None:
    """Write the self-contained HTML page."""
    text = render(f"The corpus {Path(source).name}", list(_sections(description)), summary=_summary(description))
    with writing(path) as stream:
        stream.write(text)


def _summary(d: Description) -> str:
    return (
        f"{d.papers:,} papers, {d.papers - d.without_labels:,} of them labelled, with {d.concepts:,} concepts in "
        f"{d.assignments:,} assignments."
    )


def _sections(d: Description) -> Iterator[Section]:
    yield Section("At a glance", [Facts(facts(d))])
    if d.concepts:
        yield Section("Labels", list(_labels(d)))
        yield Section("Concepts", list(_concepts(d)))
    yield Section("Lengths", [_lengths(d)])


def _labels(d: Description) -> Iterator[Part]:
    counts = d.labels_per_paper
    title = "Labels a paper"
    drawn = chart.bars(
        title,
        f"Bars: how many papers have 1, 2 and more labels; the mean is {d.mean_labels:.2f}.",
        [str(number) for number in counts],
        {"papers": chart.Bars(list(counts.values()))},
        x_label="labels",
        y_label="papers",
    )
    yield Chart(drawn, f"{title}; mean {d.mean_labels:.2f}.")
    title = "How often the concepts are used"
    drawn = chart.rank_frequency(
        title,
        "Points on logarithmic axes fall from the most frequent concept to the many that are used once.",
        d.frequencies,
        x_label="rank of the concept",
        y_label="papers",
    )
    yield Chart(drawn, f"{title}: each point is a concept.")
    title = "Concepts by number of papers"
    drawn = chart.bars(
        title,
        "Bars: how many concepts are carried by 1, by 2 to 5, by 6 to 60, and by more than 60 papers.",
        list(d.bands),
        {"concepts": chart.Bars([concepts for concepts, _ in d.bands.values()])},
        x_label="papers that carry the concept",
        y_label="concepts",
    )
    yield Chart(drawn, f"{title}; rare concepts are most of the vocabulary and few of the assignments.")
    rows = [(name, *sizes) for name, sizes in (d.bands | d.published_bands).items()]
    yield Table("Frequency bands, ours and the published ones", _columns("papers", "concepts", "assignments"), rows)


def _concepts(d: Description) -> Iterator[Part]:
    names = [concept.name or str(concept.id) for concept in d.most_frequent]
    title = "The most frequent concepts"
    drawn = chart.ranked_bars(
        title,
        f"Level bars from {names[0]} down.",
        names,
        [concept.papers for concept in d.most_frequent],
        x_label="papers",
    )
    yield Chart(drawn, f"{title}.")
    if d.deprecated:
        yield _listed("Deprecated concepts in use", d.deprecated)
    if d.unknown:
        yield _listed("Labels outside the vocabulary (the most frequent)", d.unknown)


def _listed(caption: str, concepts: Sequence[ConceptCount]) -> Table:
    rows = [(str(concept.id), concept.name, concept.papers) for concept in concepts]
    return Table(caption, _columns("id", "name", "papers"), rows)


def _lengths(d: Description) -> Table:
    names = d.title_words | d.abstract_words
    rows = [(name, d.title_words.get(name), d.abstract_words.get(name)) for name in names]
    return Table("Length in words, after cleaning", _columns("quantile", "title", "abstract"), rows)


def _columns(*names: str) -> list[Column]:
    return [Column(name) for name in names]
