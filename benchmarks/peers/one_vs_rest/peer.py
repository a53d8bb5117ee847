"""scikit-learn's one-vs-rest as people write it: TF-IDF, logistic regression, `predict` (a probability of .5)."""

from pathlib import Path

import joblib
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from threadpoolctl import threadpool_limits
from worker import Answer, Job, Paper, Suggest, read_papers, text_of


def train(job: Job) -> None:
    """Fit a pipeline, dump it."""
    papers = read_papers(job.papers)
    binarizer = MultiLabelBinarizer()
    targets = binarizer.fit_transform([paper["concepts"] for paper in papers])
    classifier = OneVsRestClassifier(LogisticRegression(max_iter=1000, random_state=job.seed))
    pipeline = make_pipeline(TfidfVectorizer(stop_words="english"), classifier)
    # On a busy machine BLAS threads wait for one another: 1 to 2 s of the processor for a label instead of .03.
    with threadpool_limits(1, "blas"):
        pipeline.fit([text_of(paper) for paper in papers], targets)
    joblib.dump((pipeline, binarizer.classes_), job.model / "pipeline.joblib")


def load(model: Path) -> Suggest:
    """The pipeline; the hundred most probable concepts."""
    pipeline, concepts = joblib.load(model / "pipeline.joblib")

    def suggest(papers: list[Paper]) -> list[Answer]:
        probabilities = pipeline.predict_proba([text_of(paper) for paper in papers])
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :100]
        return [
            {"scores": [[str(concepts[column]), float(row[column])] for column in columns]}
            for row, columns in zip(probabilities, best, strict=True)
        ]

    return suggest
