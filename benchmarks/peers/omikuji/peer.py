"""Omikuji alone, as its documentation shows it: TF-IDF, a training file, the default settings (Parabel), or Bonsai."""

from pathlib import Path

import joblib
import omikuji
from sklearn.feature_extraction.text import TfidfVectorizer
from worker import Answer, Job, Paper, Suggest, read_papers, text_of

TRAINING_ONLY = ("training.txt",)


def train(job: Job) -> None:
    """Write papers in the format of the Extreme Classification Repository, train, save."""
    papers = read_papers(job.papers)
    vectorizer = TfidfVectorizer()
    vectors = vectorizer.fit_transform(text_of(paper) for paper in papers)
    concepts = sorted({uri for paper in papers for uri in paper["concepts"]})
    columns = {uri: column for column, uri in enumerate(concepts)}
    path = job.model / "training.txt"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(f"{len(papers)} {vectors.shape[1]} {len(concepts)}\n")
        for row, paper in enumerate(papers):
            start, end = vectors.indptr[row : row + 2]
            features = zip(vectors.indices[start:end], vectors.data[start:end], strict=True)
            labels = ",".join(str(columns[uri]) for uri in paper["concepts"])
            stream.write(f"{labels} {' '.join(f'{column}:{value}' for column, value in sorted(features))}\n")
    settings = omikuji.Model.default_hyper_param()
    if job.name == "omikuji-bonsai":
        # As Omikuji's documentation and Annif have it: wide, shallow, unbalanced trees (Khandagale et al. 2019).
        settings.cluster_balanced, settings.cluster_k, settings.max_depth = False, 100, 3
    omikuji.Model.train_on_data(str(path), settings).save(str(job.model / "omikuji"))
    joblib.dump((vectorizer, concepts), job.model / "words.joblib")


def load(model: Path) -> Suggest:
    """Vectorizer and trees."""
    vectorizer, concepts = joblib.load(model / "words.joblib")
    trees = omikuji.Model.load(str(model / "omikuji"))

    def suggest(papers: list[Paper]) -> list[Answer]:
        vectors = vectorizer.transform(text_of(paper) for paper in papers)
        answers = []
        for start, end in zip(vectors.indptr[:-1], vectors.indptr[1:], strict=True):
            features = list(zip(vectors.indices[start:end].tolist(), vectors.data[start:end].tolist(), strict=True))
            found = trees.predict(features, top_k=100) if features else []
            answers.append({"scores": [[concepts[column], score] for column, score in found]})
        return answers

    return suggest
