"""`scixtag serve`."""

import math
from typing import Any

import click


class _Number(click.FloatRange):
    """One that one can count to: `nan` and `inf` are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See click."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"'{value}' is not a finite number.", param, ctx)
        return number


@click.command("serve")
@click.argument("models", metavar="MODEL…", nargs=-1, required=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine; 0.0.0.0 for all.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for any that is free.")
@click.option("--name", "names", multiple=True, help="A name by which others reach it through a proxy; several may be.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that answer.")
@click.option("--database", default=None, metavar="URL", help="Of curators' decisions; opens the desk. docs/review.md.")
@click.option("--closed", is_flag=True, help="Reading the desk needs a token, too.")
@click.option("--max-body", type=click.IntRange(min=1), default=1 << 20, show_default=True, help="Bytes of a request.")
@click.option("--max-batch", type=click.IntRange(min=1), default=200, show_default=True, help="Papers of a request.")
@click.option(
    "--max-text", type=click.IntRange(min=1), default=50_000, show_default=True, help="Characters of a paper."
)
@click.option(
    "--rate",
    type=_Number(min=0),
    default=None,
    help="Requests a second of one client, 0 for no limit.  [default: 20, or 0 where only this machine is served]",
)
@click.option("--timeout", type=_Number(min=0.1), default=30, show_default=True, help="Seconds to answer.")
def command(
    models: tuple[str, ...],
    host: str,
    port: int,
    names: tuple[str, ...],
    workers: int,
    database: str | None,
    closed: bool,
    max_body: int,
    max_batch: int,
    max_text: int,
    rate: float | None,
    timeout: float,
) -> None:
    """Serve the taggers in folders MODEL… (or NAME=FOLDER) over HTTP; the first one is the default.

    Answers JSON under /v1, and says in /openapi.json what can be asked. Logs are JSON, a line a request, on standard
    error. A model folder that is replaced is loaded without a pause. SIGTERM or Ctrl-C ends it when what was begun is
    answered.
    """
    from scixtag.extras import require_packages
    from scixtag.service.options import (
        LOOPBACK,
        PACKAGES,
        Limits,
        ServiceOptions,
        check_desk,
        check_hosts,
        check_workers,
        models_of,
    )

    require_packages("the service", PACKAGES, "serve")
    from scixtag.service.server import serve

    check_workers(workers)
    check_hosts(host, names)
    check_desk(database, closed=closed)
    alone = host in LOOPBACK and not names
    allowed = (0.0 if alone else 20.0) if rate is None else rate
    limits = Limits(body=max_body, batch=max_batch, text=max_text, rate=allowed, seconds=timeout)
    serve(ServiceOptions(models_of(models), host, port, names, workers, database, closed, limits))
