"""What explanations cost: milliseconds a paper for ten suggestions, against tagging alone.

With the path of a model folder, for that tagger; else for every model that explains, on the embedded corpus.
"""

import io
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from scixtag.corpus.sample import read_sample
from scixtag.models.explaining import can_explain
from scixtag.workflows.explain import Explainer
from scixtag.workflows.preparation import Corpus, named_vocabulary
from scixtag.workflows.settings import training_settings
from scixtag.workflows.tag import tagged
from scixtag.workflows.tagger import Tagger
from scixtag.workflows.tagging.shard import BATCH
from scixtag.workflows.train import train

PAPERS = 300
NAMES = ("ensemble", "centroid", "linear", "lexical", "neighbours")


def taggers() -> Iterator[tuple[str, Tagger]]:
    """The tagger in the folder that the command line names, or a new one of each model."""
    if len(sys.argv) > 1:
        yield "model", Tagger.load(Path(sys.argv[1]))
        return
    for name in NAMES:
        settings = training_settings({"model": {"name": name}}, name)
        yield name, train(Corpus("sample:train"), named_vocabulary("sample"), settings)


def main() -> None:
    """Print one line a model."""
    records = list(islice(cycle(read_sample()), PAPERS))
    for name, tagger in taggers():
        assert can_explain(tagger.model)
        seconds = {}
        for explain in (False, True):
            explainer = Explainer(tagger)
            started = time.perf_counter()
            for start in range(0, PAPERS, BATCH):
                batch = records[start : start + BATCH]
                for record, found in zip(batch, tagger.suggest(batch, limit=10), strict=True):
                    told = explainer.explained(record, found) if explain else found
                    print(tagged(record.id, told), file=io.StringIO())
            seconds[explain] = time.perf_counter() - started
        more = (seconds[True] - seconds[False]) / PAPERS * 1000
        print(
            f"{name}: explanations take {more:.1f} ms a paper, {seconds[True] / seconds[False]:.1f} times tagging alone"
        )


if __name__ == "__main__":
    main()
