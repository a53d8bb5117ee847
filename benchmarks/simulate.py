"""A larger corpus made of a real one, to learn what a model costs at another size.

    python benchmarks/simulate.py papers.parquet --vocabulary UAT.rdf --papers 18677 --seed 0 --output big.parquet

Papers are drawn with replacement. Of each, some words are dropped, and some replaced by words of another paper that
has a label in common; some labels are dropped, but never all. No text equals another or a real one. What comes out is
good for seconds and megabytes: most papers have near copies of themselves in every fold, so no number of quality means
anything.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from scipy.sparse import csc_array

from scixtag.corpus.examples import Examples
from scixtag.corpus.text import Text
from scixtag.errors import InputError
from scixtag.files import writing
from scixtag.workflows.preparation import Corpus, training_examples, vocabulary_for

_ATTEMPTS = 100


@dataclass(frozen=True)
class Changes:
    """What is done to a copy of a paper.

    Attributes:
        drop_words: The share of words that are left out.
        replace_words: The share of the rest that another paper's words replace.
        drop_labels: The share of labels that are left out.
    """

    drop_words: float = 0.15
    replace_words: float = 0.1
    drop_labels: float = 0.02


def main() -> None:
    """Read, simulate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", default=None)
    parser.add_argument("--papers", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--drop-words", type=float, default=Changes.drop_words)
    parser.add_argument("--replace-words", type=float, default=Changes.replace_words)
    parser.add_argument("--drop-labels", type=float, default=Changes.drop_labels)
    parser.add_argument("--output", type=Path, required=True, help="a Parquet file")
    arguments = parser.parse_args()
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    examples = training_examples(Corpus(arguments.source), vocabulary)[0]
    changes = Changes(arguments.drop_words, arguments.replace_words, arguments.drop_labels)
    rows = list(simulated(examples, arguments.papers, changes, arguments.seed))
    with writing(arguments.output, binary=True) as stream:
        parquet.write_table(pa.Table.from_pylist(rows), stream)
    print(f"{arguments.output}: {len(rows):,} papers made of {len(examples):,}")


def simulated(examples: Examples, papers: int, changes: Changes, seed: int) -> Iterator[dict[str, object]]:
    """Rows of the columns that the SciX corpus has.

    Raises:
        InputError: So many different texts cannot be made.
    """
    chance = np.random.default_rng(seed)
    carriers = csc_array(examples.targets)
    made = set(examples.texts)
    for number in range(papers):
        row = int(chance.integers(len(examples)))
        labels = examples.targets[[row]].indices
        text = next((t for t in _variants(examples, carriers, row, changes, chance) if t not in made), None)
        if text is None:
            raise InputError(f"{examples.ids[row]}: too short for {papers:,} different texts; raise --drop-words")
        made.add(text)
        kept = labels[chance.random(len(labels)) >= changes.drop_labels]
        concepts = [examples.vocabulary[column] for column in (kept if len(kept) else labels)]
        yield {
            "bibcode": f"simulated{number:09d}",
            "title": text.title,
            "abstract": text.abstract,
            "verified_uat_ids": [concept.id for concept in concepts],
            "verified_uat_labels": [concept.name for concept in concepts],
        }


def _variants(
    examples: Examples, carriers: csc_array, row: int, changes: Changes, chance: np.random.Generator
) -> Iterator[Text]:
    """Texts like that of one paper, each with the words of another partner."""
    labels = examples.targets[[row]].indices
    for _ in range(_ATTEMPTS):
        label = chance.choice(labels)
        partner = examples.texts[chance.choice(carriers.indices[carriers.indptr[label] : carriers.indptr[label + 1]])]
        fields = zip(examples.texts[row], partner, strict=True)
        yield Text(*(_variant(own.split(), other.split(), changes, chance) for own, other in fields))


def _variant(words: list[str], others: list[str], changes: Changes, chance: np.random.Generator) -> str:
    """Words with some left out and some replaced; none is left out where none would be left."""
    kept = np.flatnonzero(chance.random(len(words)) >= changes.drop_words)
    chosen = np.array(words, dtype=object)[kept if len(kept) else slice(None)]
    replaced = np.flatnonzero(chance.random(len(chosen)) < changes.replace_words)
    if others:
        chosen[replaced] = chance.choice(np.array(others, dtype=object), len(replaced))
    return " ".join(chosen)


if __name__ == "__main__":
    main()
