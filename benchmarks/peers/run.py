"""Other systems and scixtag side by side: the same folds, the same metrics, the costs of all of them in one run.

    python benchmarks/peers/run.py papers.parquet --vocabulary UAT.rdf --output peers.md

Each peer runs in an environment of its own, installed from the package index at first use, and is given plain files;
it never sees a test paper's labels. What it answered is kept by content beside the table, so that a second run goes on
where the first one stopped. A peer that fails does not stop the others: its row says why.
"""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path

from catalogue import PEERS, Peer, peers_named
from judging import Outcomes, rows_of
from table import markdown
from trial import Papers, Places, attempt

from scixtag.errors import ConfigError, ScixtagError
from scixtag.files import check_new_file, write_json, writing
from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples, training_examples, vocabulary_for


def main() -> int:
    """Run all peers on all folds and write the table after each."""
    arguments = _arguments()
    try:
        peers, folds = _prepared(arguments)
        _run(peers, folds, arguments)
    except ScixtagError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; the same command goes on after the last finished peer", file=sys.stderr)
        return 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("--vocabulary", help="needed for all sources but `sample`")
    parser.add_argument("--peers", default=",".join(PEERS), help="names, or NAME=SCRIPT for a peer of your own")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only-fold", type=int, action="append", help="a fold instead of all; may be repeated")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="a Markdown file; JSON goes beside it")
    parser.add_argument("--work", type=Path, help="what is kept, logs [default: a folder beside the output]")
    parser.add_argument("--environments", type=Path, help="virtual environments [default: in the work folder]")
    return parser.parse_args()


def _prepared(arguments: argparse.Namespace) -> tuple[list[Peer], list[Papers]]:
    """Everything that can be wrong is found here, before anything slow."""
    peers = peers_named(arguments.peers)
    check_new_file(arguments.output, ".md")
    numbers = arguments.only_fold or range(1, arguments.folds + 1)
    chosen = [Fold.parse(f"{number}/{arguments.folds}") for number in numbers]
    vocabulary = vocabulary_for(arguments.source, arguments.vocabulary)
    folds = []
    for fold in chosen:
        corpus = Corpus(arguments.source, fold=fold)
        train, test = training_examples(corpus, vocabulary)[0], evaluation_examples(corpus, vocabulary)[0]
        if shared := set(train.ids) & set(test.ids):
            raise ConfigError(f"{len(shared)} papers are in both parts of fold {fold.number}, such as {min(shared)}")
        folds.append(Papers(f"{fold.number}/{fold.count}", train, test))
    return peers, folds


def _run(peers: list[Peer], folds: list[Papers], arguments: argparse.Namespace) -> None:
    work = (arguments.work or arguments.output.with_suffix(".work")).resolve()
    places = Places(work, arguments.environments or work / "environments")
    outcomes: Outcomes = {}
    for papers in folds:
        for peer in peers:
            started = time.perf_counter()

            def say(what: str, who: str = f"{peer.name}, fold {papers.fold}") -> None:
                print(f"{who}: {what}", file=sys.stderr, flush=True)

            outcome = attempt(peer, papers, arguments.seed, places, say)
            outcomes.setdefault(peer.name, {})[papers.fold] = outcome
            say(f"{outcome.failure or 'all done'}, {time.perf_counter() - started:.1f} s")
            _write(peers, folds, outcomes, arguments)


def _write(peers: list[Peer], folds: list[Papers], outcomes: Outcomes, arguments: argparse.Namespace) -> None:
    rows = rows_of(peers, folds, outcomes, arguments.seed)
    with writing(arguments.output) as stream:
        stream.write(markdown(rows, sum(len(papers.test) for papers in folds), len(folds)))
    write_json(arguments.output.with_suffix(".json"), [asdict(row) for row in rows])


if __name__ == "__main__":
    sys.exit(main())
