"""Papers a second of a trained encoder in torch and in ONNX Runtime, all at the same length, and what they find.

Each repetition measures every runtime once, one after the other, and a ratio is the median of the repetitions' own
ratios: what else the machine does then falls on all of them. `--quality` judges them on the same papers.

    python benchmarks/encoder_inference.py minilm papers.parquet --fold 1/5 --quality
"""

import argparse
import os
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

METRICS = ("p@1", "r@5", "ndcg@10", "micro_f1")
TORCH = "PyTorch float32"


def main() -> None:
    """Print two tables in Markdown."""
    arguments = _arguments()
    # Both runtimes read it: torch when it is imported.
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    # Where other programs compute too, threads of torch that wait by spinning keep the one off that they wait for.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    from scixtag.workflows.export import to_onnx
    from scixtag.workflows.preparation import Corpus, Fold, evaluation_examples
    from scixtag.workflows.tagger import Tagger

    tagger = Tagger.load(arguments.model)
    taggers = {
        TORCH: tagger,
        "ONNX float32": to_onnx(tagger, int8=False),
        "ONNX int8": to_onnx(tagger, int8=True),
    }
    fold = Fold.parse(arguments.fold) if arguments.fold else None
    papers = evaluation_examples(Corpus(arguments.source, fold=fold), tagger.vocabulary)[0]
    print(f"{arguments.threads} threads, load {os.getloadavg()[0]:.1f}", flush=True)
    speed(taggers, papers, arguments)
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    if arguments.quality:
        quality(taggers, papers)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="the folder of a trained encoder")
    parser.add_argument("source", help="labelled papers")
    parser.add_argument("--fold", default=None, metavar="I/N")
    parser.add_argument("--lengths", default="128,256", help="tokens a paper")
    parser.add_argument("--batches", default="1,8,32", help="papers at a time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, default=9)
    parser.add_argument("--quality", action="store_true")
    return parser.parse_args()


def speed(taggers: dict[str, Any], papers: Any, arguments: argparse.Namespace) -> None:
    """Papers a second, from tokens to logits."""
    from scixtag.models.encoder.windows import joined

    ways = {name: tagger.model._runtime.logits for name, tagger in taggers.items()}
    runtime = taggers[TORCH].model._runtime
    if bfloat16 := in_bfloat16(runtime):
        ways["PyTorch bfloat16"] = bfloat16
    texts = runtime.tokenizer.windows(joined(papers.texts)).tokens
    head = "| tokens | papers at a time | " + " | ".join(f"{way}, papers/s | to {TORCH}" for way in ways)
    print(f"{head} |\n|{'---:|' * (2 + 2 * len(ways))}")
    for length in map(int, arguments.lengths.split(",")):
        equal = [window[: length - 1] + window[-1:] for window in texts if len(window) >= length]
        if not equal:
            raise SystemExit(f"no paper has {length} tokens within the model's max_length")
        for size in map(int, arguments.batches.split(",")):
            times = measure(ways, list(islice(cycle(equal), max(8, size))), size, arguments.repetitions)
            print(row(length, size, times, max(8, size)), flush=True)


def in_bfloat16(runtime: Any) -> Callable[[Any], Any] | None:
    """Torch in mixed precision, where the processor computes in it."""
    import torch

    from scixtag.models.encoder.inference import computes_in_bfloat16

    def logits(windows: Any) -> Any:
        with torch.autocast("cpu", torch.bfloat16):
            return runtime.logits(windows)

    return logits if computes_in_bfloat16(torch.device("cpu")) else None


def measure(
    ways: dict[str, Callable[[Any], Any]], texts: list[list[int]], size: int, repetitions: int
) -> dict[str, list[float]]:
    """Seconds that each way takes for all texts, `size` at a time, in each repetition; the first one is not counted."""
    import numpy as np

    from scixtag.models.encoder.windows import Windows

    parts = [texts[start : start + size] for start in range(0, len(texts), size)]
    batches = [Windows(part, np.arange(len(part) + 1)) for part in parts]
    times: dict[str, list[float]] = {name: [] for name in ways}
    for repetition in range(repetitions + 1):
        for name, logits in ways.items():
            started = time.perf_counter()
            for batch in batches:
                logits(batch)
            if repetition:
                times[name].append(time.perf_counter() - started)
    return times


def row(length: int, size: int, times: dict[str, list[float]], papers: int) -> str:
    """One line of the table."""
    cells = [str(length), str(size)]
    for seconds in times.values():
        ratio = median(base / own for base, own in zip(times[TORCH], seconds, strict=True))
        cells += [f"{papers / median(seconds):.1f}", f"{ratio:.2f}"]
    return f"| {' | '.join(cells)} |"


def quality(taggers: dict[str, Any], papers: Any) -> None:
    """Each runtime on the same papers, and its difference to torch with a paired bootstrap."""
    from scixtag.evaluation.bootstrap import paired_difference
    from scixtag.evaluation.metrics.registry import get_metric
    from scixtag.workflows.evaluate import judge_tagger

    print("\n| runtime | " + " | ".join(f"{name} | less {TORCH}" for name in METRICS) + " |")
    print("|---|" + "---:|" * (2 * len(METRICS)))
    base = None
    for name, tagger in taggers.items():
        judged = judge_tagger(tagger, papers).judgements
        base = base or judged
        cells = []
        for metric in map(get_metric, METRICS):
            d = paired_difference(metric, judged, base)
            value = metric(judged, judged.unit_weights).item()
            cells += [f"{value:.4f}", f"{d.value:+.4f} ({d.low:+.4f} to {d.high:+.4f})"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
