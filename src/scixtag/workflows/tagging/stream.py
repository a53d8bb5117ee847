"""Tag papers onto an open stream, such as standard output: nothing is kept, and nothing can be continued."""

from contextlib import nullcontext
from pathlib import Path
from typing import IO

from scixtag import progress
from scixtag.corpus.size import expected_papers
from scixtag.corpus.supply import supply_of
from scixtag.errors import ConfigError
from scixtag.files import writing
from scixtag.workflows.manifest import read_manifest
from scixtag.workflows.tagging.order import Order
from scixtag.workflows.tagging.run import Tagged, note_result, refuse_nothing
from scixtag.workflows.tagging.shard import BATCH, Shard, TagJob
from scixtag.workflows.tagging.target import check_rejects


def tag_onto(stream: IO[str], order: Order, rejects: Path | None) -> Tagged:
    """Tag all papers in this process, and write what comes as it comes.

    Args:
        stream: Takes the suggestions.
        order: What is told; its target says in which form.
        rejects: A file for the records that cannot be tagged; None: they are told as notes.

    Raises:
        InputError: The source cannot be read, or holds no paper.
        ConfigError: Workers or an engine are wanted.
        ModelError: The model folder cannot be used.
    """
    if order.workers is not None or order.address is not None or order.engine != "local":
        raise ConfigError(
            "--workers, --engine and --address: onto a stream one process tags; leave them out, or write a file"
        )
    order.check()
    read_manifest(order.model)
    supply = supply_of(order.source, order.fields, labels=False)
    if rejects is not None:
        check_rejects(rejects)
    work = TagJob(order.model, order.wanted, order.target, None).start()
    papers = rejected = unknown = 0
    with (
        progress.stage("tagging papers", expected_papers(order.source)) as advance,
        writing(rejects, binary=True) if rejects is not None else nullcontext() as told,
    ):
        for number, (piece, _) in enumerate(supply.cut(BATCH)):
            outcome = work(Shard(number, piece))
            stream.write(outcome.content.decode("utf-8"))
            papers, rejected = papers + outcome.papers, rejected + outcome.rejected
            unknown += outcome.unknown
            if told is not None:
                told.write(outcome.rejects)
            elif outcome.rejects:
                progress.note(f"not tagged: {outcome.rejects.decode('utf-8').rstrip()}")
            advance(outcome.papers)
        refuse_nothing(order, supply, Tagged(papers, rejected))
    note_result(Tagged(papers, rejected), unknown, rejects)
    return Tagged(papers, rejected)


def is_stream(output: str) -> bool:
    """Whether OUT is standard output, or a device or named pipe."""
    path = Path(output)
    return output == "-" or (path.exists() and not path.is_file() and not path.is_dir())
