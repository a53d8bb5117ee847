"""A model folder that is replaced under a service: at once, slowly, by something that cannot be loaded."""

import shutil
import threading

import httpx
import pytest

from scixtag.service.inference import shelf
from scixtag.service.inference.shelf import Shelf
from service_process import serving


@pytest.fixture
def folder(served_model, tmp_path):
    return shutil.copytree(served_model, tmp_path / "m")


@pytest.fixture
def served(folder, monkeypatch, caplog):
    """A shelf that tries again at each look; its log is in `caplog`."""
    monkeypatch.setattr(shelf, "_LONGEST_WAIT", 0.0)
    caplog.set_level("INFO", "scixtag.service")
    return Shelf({"m": folder})


def looks(served, times=3):
    return [name for _ in range(times) for name in served.refresh()]


def events(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "scixtag.service"]


def test_a_folder_is_loaded_when_it_looks_the_same_twice(served, folder):
    assert looks(served) == []
    (folder / "manifest.json").touch()
    assert served.refresh() == []
    assert served.refresh() == ["m"]
    assert looks(served) == []


def test_a_file_that_comes_after_the_manifest_is_seen(served, folder):
    (folder / "vocabulary.json").touch()
    assert looks(served) == ["m"]


def test_what_could_not_be_loaded_is_tried_again_and_told_once(served, folder, caplog):
    before = served.named(None)
    away = folder.with_name("away")
    (folder / "model").rename(away)
    assert looks(served, 5) == []
    assert events(caplog) == ["model not replaced"]
    assert served.named(None) is before
    away.rename(folder / "model")
    (folder / "seen.npy").touch()
    assert looks(served) == ["m"]
    assert served.named(None) is not before


def test_a_failure_that_nobody_foresaw_is_told_and_passes(served, folder, caplog, monkeypatch):
    def fails(folder):
        raise OSError("the disk is away")

    (folder / "manifest.json").touch()
    with monkeypatch.context() as patch:
        patch.setattr("scixtag.service.inference.shelf.Tagger.load", fails)
        assert looks(served, 5) == []
    assert events(caplog) == ["model not replaced"]
    # The same files, and nothing about them has changed.
    assert looks(served) == ["m"]


def test_a_folder_that_is_removed_leaves_the_model(served, folder):
    shutil.rmtree(folder)
    assert looks(served) == []
    assert served.named(None).tagger.suggest([shelf._FIRST], 1)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_process_takes_a_folder_that_is_copied_slowly(served_model, folder, tmp_path, workers):
    with serving(tmp_path, folder, workers=workers) as service:
        processes = {line["process"] for line in service.wait_for("ready", workers)}
        failures, ended = [], threading.Event()

        def ask():
            while not ended.wait(0.05):
                answer = httpx.post(f"{service.url}/v1/suggest", json={"title": "Quasars"})
                if answer.status_code != 200:
                    failures.append(answer.text)

        asking = threading.Thread(target=ask)
        asking.start()
        shutil.rmtree(folder)
        shutil.copytree(served_model, folder, ignore=shutil.ignore_patterns("vocabulary.json"))
        refused = service.wait_for("model not replaced", workers)
        shutil.copy(served_model / "vocabulary.json", folder)
        replaced = service.wait_for("model replaced", workers)
        ended.set()
        asking.join()
    assert not failures
    assert {line["process"] for line in refused} == {line["process"] for line in replaced} == processes
    assert len(refused) == len(replaced) == workers
