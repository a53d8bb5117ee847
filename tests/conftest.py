import gc
import os
import shutil
import signal
from pathlib import Path

import hypothesis
import pytest

from scixtag.cli.main import call
from scixtag.models import registry

# What is compiled is compiled at its first call.
hypothesis.settings.register_profile("compiled", deadline=None)
hypothesis.settings.load_profile("compiled")

# Before torch is imported: several test processes with several threads each wait for one another, and nothing is
# fetched from a hub.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).parents[1]

LONGEST = ("test_readme.py", "test_other_vocabulary.py", "test_models_real.py")
"""Begun first, so that no process waits for another in the end."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_collection_finish():
    """What the test files have imported lives to the end: each `gc.collect` of a training need not look at it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared():
    """The folder of real data, which may be absent."""
    folder = Path(os.environ.get("SCIXTAG_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder.name}; set SCIXTAG_SHARED to a folder that holds data/")
    return folder


@pytest.fixture(scope="session")
def chromium():
    """A browser's program; tests that need one say so and are skipped where there is none."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine; install it with: apt-get install chromium")
    return found


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Tests neither read nor fill the user's caches."""
    os.environ["SCIXTAG_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture
def slow(monkeypatch):
    """Registers a model called `slow` that keeps checkpoints and can be interrupted; gives its class."""
    entry = registry.ModelEntry("slow_model:Slow", "Takes its time.")
    monkeypatch.setattr(registry, "MODELS", dict(registry.MODELS) | {"slow": entry})
    return registry.model_class("slow")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_counts():
    """Whoever starts the tests in the background hands them on with Ctrl-C switched off, and some tests press it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of the tests' own; its `fresh()` is the URL of an empty database."""
    pytest.importorskip("psycopg")
    from postgres_server import PostgresServer, programs

    if programs() is None:
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def scixtag(capsys):
    """Run the command line; gives exit code, standard output and standard error."""

    def run(*arguments):
        code = call([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
