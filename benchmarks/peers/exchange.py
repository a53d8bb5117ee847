"""What goes to a peer and what comes back: plain files."""

import json
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from scixtag.corpus.examples import Examples
from scixtag.errors import InputError
from scixtag.predictions.scores import CANDIDATES, Scores
from scixtag.vocabulary.concept import Vocabulary

SKOS = "http://www.w3.org/2004/02/skos/core#"


def write_papers(path: Path, examples: Examples, *, labelled: bool) -> None:
    """JSONL of id, title, abstract and, for papers to learn from, the URIs of their concepts.

    Labels outside the vocabulary are not handed on: nobody can learn them.
    """
    targets, vocabulary = examples.targets, examples.vocabulary
    with path.open("w", encoding="utf-8") as stream:
        for row, (identifier, text) in enumerate(zip(examples.ids, examples.texts, strict=True)):
            paper: dict[str, object] = {"id": identifier, "title": text.title, "abstract": text.abstract}
            if labelled:
                columns = targets.indices[targets.indptr[row] : targets.indptr[row + 1]]
                paper["concepts"] = [vocabulary[column].uri for column in columns]
            stream.write(json.dumps(paper) + "\n")


def write_vocabulary(folder: Path, vocabulary: Vocabulary) -> None:
    """The vocabulary as SKOS in Turtle, as Annif's TSV, and as JSONL."""
    folder.mkdir(parents=True, exist_ok=True)
    uris = {concept.id: concept.uri for concept in vocabulary}
    lines = [f"@prefix skos: <{SKOS}> .", "@prefix owl: <http://www.w3.org/2002/07/owl#> ."]
    narrower: dict[str, list[str]] = {}
    for concept in vocabulary:
        for parent in concept.broader:
            narrower.setdefault(uris[parent], []).append(concept.uri)
    for concept in vocabulary:
        facts = [f"skos:prefLabel {_literal(concept.name)}"]
        facts += [f"skos:altLabel {_literal(name)}" for name in concept.alternatives]
        facts += [f"skos:broader <{uris[parent]}>" for parent in concept.broader]
        facts += [f"skos:narrower <{child}>" for child in narrower.get(concept.uri, [])]
        facts += [f"skos:related <{uris[other]}>" for other in concept.related]
        facts += [f"skos:definition {_literal(concept.definition)}"] if concept.definition else []
        facts += ["owl:deprecated true"] if concept.deprecated else []
        lines.append(f"<{concept.uri}> a skos:Concept ; {' ; '.join(facts)} .")
    (folder / "vocabulary.ttl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows = [f"<{concept.uri}>\t{' '.join(concept.name.split())}\n" for concept in vocabulary]
    (folder / "vocabulary.tsv").write_text("".join(rows), encoding="utf-8")
    entries = [{"uri": c.uri, "name": c.name, "alternatives": c.alternatives} for c in vocabulary]
    (folder / "concepts.jsonl").write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")


def _literal(text: str) -> str:
    # JSON's escapes are Turtle's.
    return f"{json.dumps(text, ensure_ascii=False)}@en"


def read_answers(path: Path, papers: Examples) -> tuple[Scores, np.ndarray | None]:
    """A peer's answers, in the order of the papers.

    Returns:
        The scores (papers, k), best first, equal ones by column; and which of them the peer selected (papers, k), or
        None if it does not say.

    Raises:
        InputError: Another form than worker.py asks for, other papers than were asked, an unknown concept, one twice, a
            score that is not in [0, 1], or a selected concept without a score.
    """
    try:
        return _read_answers(path, papers)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name}: not the form that worker.py asks for ({error!r})") from error


def _read_answers(path: Path, papers: Examples) -> tuple[Scores, np.ndarray | None]:
    answers = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    if [answer["id"] for answer in answers] != list(papers.ids):
        raise InputError(f"{path.name}: {len(answers)} answers, not one for each of the {len(papers)} papers in order")
    shape = (len(papers), len(papers.vocabulary))
    rows, columns, values = [], [], []
    for row, answer in enumerate(answers):
        for uri, score in answer["scores"]:
            rows.append(row)
            columns.append(_column(papers.vocabulary, uri, path))
            values.append(score)
    given = np.array(values, dtype=np.float64)
    if not ((given >= 0) & (given <= 1)).all():
        raise InputError(f"{path.name}: scores from {given.min()} to {given.max()}; they must lie in [0, 1]")
    matrix = csr_array((given, (rows, columns)), shape=shape)
    if matrix.nnz < len(values):
        raise InputError(f"{path.name}: a concept stands twice in the answer to one paper")
    scores = Scores.from_sparse(matrix, CANDIDATES)
    if any("selected" not in answer for answer in answers):
        return scores, None
    chosen = np.zeros(shape, dtype=np.bool_)
    for row, answer in enumerate(answers):
        chosen[row, [_column(papers.vocabulary, uri, path) for uri in answer["selected"]]] = True
    selected = chosen[np.arange(len(papers))[:, None], scores.columns] & scores.listed
    if selected.sum() < chosen.sum():
        raise InputError(f"{path.name}: concepts are selected that are not among the {CANDIDATES} best with a score")
    return scores, selected


def _column(vocabulary: Vocabulary, uri: str, path: Path) -> int:
    column = vocabulary.resolve(uri)
    if column is None:
        raise InputError(f"{path.name}: concept {uri} is not in the vocabulary")
    return column
