"""How long an archive takes, what it costs, and what bounds it, from numbers that were measured.

    python benchmarks/sizing.py --rate 1000 --scaling .9 --ceiling 50000 --bytes-in 1565 --bytes-out 2667

docs/scale.md holds the command with the numbers of the day and the table that it prints; a test compares the two. What
is not measured but assumed: that more workers scale as two do, and the price.
"""

import argparse
from dataclasses import dataclass

ARCHIVES = (20_000_000, 300_000_000)
CORES = (1, 2, 8, 64, 256)


@dataclass(frozen=True)
class Measured:
    """What the estimate rests on.

    Attributes:
        rate: Papers/s of one core, reading and writing included.
        scaling: Papers/s of two workers, against twice those of one.
        ceiling: Papers/s that the driver can deal out, if workers do nothing.
        start: Seconds until all workers have begun: cluster, model.
        joining: Bytes/s at which parts become one file; 0: they stay parts.
        bytes_in: Of a paper in the input.
        bytes_out: Of a paper in the output.
        price: Of a core for an hour, in dollars; an assumption.
    """

    rate: float
    scaling: float
    ceiling: float
    start: float
    joining: float
    bytes_in: float
    bytes_out: float
    price: float


@dataclass(frozen=True)
class Estimate:
    """What follows for an archive on so many cores.

    Attributes:
        cores: How many, each with a worker.
        papers: In the archive.
        rate: Papers/s of all together.
        seconds: From the start to the end.
        dollars: For all cores, as long as it takes.
        bound: What more of would make it faster.
    """

    cores: int
    papers: int
    rate: float
    seconds: float
    dollars: float
    bound: str


def estimate(measured: Measured, cores: int, papers: int) -> Estimate:
    """The start, then all cores or the driver, whatever is slower, then the parts one after the other."""
    working = cores * measured.rate * (measured.scaling if cores > 1 else 1)
    rate = min(working, measured.ceiling)
    joining = papers * measured.bytes_out / measured.joining if measured.joining else 0.0
    tagging = papers / rate
    seconds = measured.start + tagging + joining
    shares = {
        "cores" if working <= measured.ceiling else "driver": tagging,
        "joining the parts": joining,
        "start": measured.start,
    }
    bound = max(shares, key=lambda name: shares[name])
    return Estimate(cores, papers, rate, seconds, cores * seconds / 3600 * measured.price, bound)


def table(measured: Measured) -> str:
    """Markdown: a row for each number of cores."""
    head = ["cores", "papers/s", "MB/s read", "MB/s written"]
    for papers in ARCHIVES:
        head += [f"{papers // 10**6} million", "dollars", "bound by"]
    rows = [_row(head), "|" + "---:|" * 4 + "---:|---:|---|" * len(ARCHIVES)]
    for cores in CORES:
        estimates = [estimate(measured, cores, papers) for papers in ARCHIVES]
        rate = estimates[0].rate
        traffic = (rate * size / 1e6 for size in (measured.bytes_in, measured.bytes_out))
        cells = [str(cores), f"{rate:,.0f}", *(f"{megabytes:,.1f}" for megabytes in traffic)]
        for told in estimates:
            cells += [duration(told.seconds), f"{told.dollars:,.2f}", told.bound]
        rows.append(_row(cells))
    sizes = [
        f"{papers // 10**6} million papers are {papers * measured.bytes_in / 1e9:,.0f} GB in and "
        f"{papers * measured.bytes_out / 1e9:,.0f} GB out"
        for papers in ARCHIVES
    ]
    return "\n".join([*rows, "", "; ".join(sizes) + "."])


def duration(seconds: float) -> str:
    """For people: minutes below two hours, hours below two days, days."""
    for unit, size, most in (("min", 60, 7_200), ("h", 3_600, 172_800)):
        if seconds < most:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds / 86_400:.1f} days"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def measured_of(arguments: list[str] | None = None) -> Measured:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, required=True, help="papers/s of one core, reading and writing included")
    parser.add_argument("--scaling", type=float, default=1, help="papers/s of two workers / twice those of one")
    parser.add_argument("--ceiling", type=float, required=True, help="papers/s of benchmarks/dealing.py")
    parser.add_argument("--start", type=float, default=10, help="seconds until all workers have begun")
    parser.add_argument(
        "--joining", type=float, default=0, help="bytes/s of parts becoming one file; 0: they stay parts"
    )
    parser.add_argument("--bytes-in", type=float, required=True, help="of a paper in the input")
    parser.add_argument("--bytes-out", type=float, required=True, help="of a paper in the output")
    parser.add_argument("--price", type=float, default=0.05, help="dollars for a core and an hour: an assumption")
    return Measured(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    print(table(measured_of()))
