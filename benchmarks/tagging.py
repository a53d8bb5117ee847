"""Papers a second of every model on the embedded corpus, repeated to 2,000 papers, against cleaning the text alone."""

import time
from itertools import cycle, islice

from scixtag.corpus.sample import read_sample
from scixtag.corpus.text import text_of
from scixtag.models.registry import MODELS
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.settings import training_settings
from scixtag.workflows.train import train

PAPERS = 2_000


def main() -> None:
    """Print one line a model."""
    records = list(islice(cycle(read_sample()), PAPERS))
    started = time.perf_counter()
    for record in records:
        text_of(record)
    floor = time.perf_counter() - started
    print(f"cleaning alone: {PAPERS / floor:,.0f} papers/s")
    vocabulary = named_vocabulary("sample")
    for name in MODELS:
        tagger = train(Corpus("sample:train"), vocabulary, training_settings({"model": {"name": name}}, name))
        tagger.suggest(records[:10], limit=20)
        started = time.perf_counter()
        for start in range(0, PAPERS, 256):
            tagger.suggest(records[start : start + 256], limit=20)
        seconds = time.perf_counter() - started
        print(f"{name}: {PAPERS / seconds:,.0f} papers/s, {seconds / floor:.1f} times cleaning alone")


if __name__ == "__main__":
    main()
