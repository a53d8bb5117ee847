"""The peers by name: their scripts, and how their sets are decided."""

from dataclasses import dataclass
from pathlib import Path

from scixtag.errors import ConfigError, nearest

HERE = Path(__file__).parent

REFERENCE = "scixtag"
"""The system that all others are compared with."""

TUNED = "tuned"
OWN = "own"


@dataclass(frozen=True)
class Peer:
    """A system to compare.

    Attributes:
        name: In the table.
        script: See worker.py; beside it stands what its environment needs.
        decisions: How sets are chosen, a row of the table each: `own` (the answers say it), `tuned` (one threshold, of
            best micro-F1 on held-out training papers), or a threshold such as `0.5`.
    """

    name: str
    script: Path
    decisions: tuple[str, ...] = (TUNED,)

    @property
    def requirements(self) -> Path:
        """Pinned packages of its environment; empty if it runs where the benchmark runs."""
        return self.script.with_name("requirements.txt")

    @property
    def data_packages(self) -> Path:
        """Packages of which only the data are wanted, installed without what they depend on; may be absent."""
        return self.script.with_name("no-deps.txt")


PEERS = {
    peer.name: peer
    for peer in (
        Peer("annif-bonsai", HERE / "annif" / "peer.py"),
        Peer("annif-mllm", HERE / "annif" / "peer.py"),
        Peer("annif-ensemble", HERE / "annif" / "peer.py"),
        Peer("omikuji", HERE / "omikuji" / "peer.py"),
        Peer("omikuji-bonsai", HERE / "omikuji" / "peer.py"),
        Peer("sklearn", HERE / "one_vs_rest" / "peer.py", ("0.5", TUNED)),
        Peer("seed-minilm", HERE / "ours" / "peer.py", (OWN,)),
        Peer(REFERENCE, HERE / "ours" / "peer.py", (OWN, TUNED)),
    )
}


def peers_named(names: str) -> list[Peer]:
    """`omikuji,scixtag,mine=path/to/peer.py` to peers, the reference first; a script of one's own has a name, too.

    Raises:
        ConfigError: No such peer, one twice, or a script without requirements.txt beside it.
    """
    found: dict[str, Peer] = {}
    for name in filter(None, (part.strip() for part in names.split(","))):
        given, own, path = name.partition("=")
        if not own and given not in PEERS:
            raise ConfigError(f"--peers: unknown peer '{given}'; {nearest(given, PEERS)}")
        peer = Peer(given, Path(path).resolve()) if own else PEERS[given]
        if given in found:
            raise ConfigError(f"--peers: '{given}' stands there twice; give each peer a name of its own")
        for needed in (peer.script, peer.requirements):
            if not needed.is_file():
                raise ConfigError(f"--peers {name}: {needed} does not exist; see benchmarks/peers/worker.py")
        found[given] = peer
    if not found:
        raise ConfigError("--peers names no peer")
    return sorted(found.values(), key=lambda peer: peer.name != REFERENCE)
