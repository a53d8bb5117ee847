"""Models that fail in ways of their own, as another package that processes of a benchmark find too."""

import os

MODELS = '''
import os
from scixtag.models.centroid import Centroid


class Killed(Centroid):
    """As a kernel does that is out of memory."""

    def fit(self, train, validation=None):
        os.kill(os.getpid(), 9)


class Hungry(Centroid):
    def fit(self, train, validation=None):
        raise MemoryError


class Broken(Centroid):
    def fit(self, train, validation=None):
        raise ZeroDivisionError("of all things")


class Counting(Centroid):
    """Leaves a trace of each training."""

    def fit(self, train, validation=None):
        with open(os.environ["TRACES"], "a") as stream:
            stream.write(f"{self.seed} {len(train)}\\\\n")
        return super().fit(train)
'''


def offer(folder, monkeypatch):
    """Install the package `odd` into a folder that this process and its children look into."""
    package = folder / "odd-1.0.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    points = "".join(f"{name.lower()} = odd:{name}\n" for name in ("Killed", "Hungry", "Broken", "Counting"))
    (package / "entry_points.txt").write_text(f"[scixtag.models]\n{points}")
    (folder / "odd.py").write_text(MODELS.replace("\\\\n", "\\n"))
    monkeypatch.syspath_prepend(str(folder))
    path = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
