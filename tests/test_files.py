import errno
import os

import pytest

from scixtag.errors import InputError
from scixtag.files import cache_folder, check_new_folder, write_json, writing, writing_folder


@pytest.fixture
def old(tmp_path):
    file = tmp_path / "out.txt"
    file.write_text("old")
    return file


def test_a_file_appears_whole(old):
    with writing(old) as stream:
        stream.write("new")
        assert old.read_text() == "old"
    assert old.read_text() == "new"
    assert [p.name for p in old.parent.iterdir()] == ["out.txt"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError(errno.ENOSPC, "No space left on device")])
def test_an_interruption_leaves_the_old_file_and_no_litter(old, interruption):
    with pytest.raises((KeyboardInterrupt, OSError)), writing(old) as stream:
        stream.write("half")
        raise interruption
    assert old.read_text() == "old"
    assert [p.name for p in old.parent.iterdir()] == ["out.txt"]


def test_a_full_disk_while_flushing_leaves_the_old_file(old, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_json(old, {"a": 1})
    assert old.read_text() == "old"
    assert [p.name for p in old.parent.iterdir()] == ["out.txt"]


def test_new_files_have_ordinary_permissions(tmp_path):
    write_json(tmp_path / "a.json", [])
    plain = tmp_path / "plain"
    plain.touch()
    assert (tmp_path / "a.json").stat().st_mode == plain.stat().st_mode


def test_a_folder_appears_whole_and_replaces_only_its_like(tmp_path):
    target = tmp_path / "model"
    with writing_folder(target, marker="m.json") as draft:
        (draft / "m.json").write_text("1")
        assert not target.exists()
    with pytest.raises(InputError, match="--overwrite"), writing_folder(target, marker="m.json"):
        pass
    with writing_folder(target, marker="m.json", overwrite=True) as draft:
        (draft / "m.json").write_text("2")
    assert (target / "m.json").read_text() == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_an_interrupted_folder_leaves_the_old_one(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "m.json").write_text("1")
    with pytest.raises(KeyboardInterrupt), writing_folder(target, marker="m.json", overwrite=True) as draft:
        (draft / "m.json").write_text("2")
        raise KeyboardInterrupt
    assert (target / "m.json").read_text() == "1"
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_somebody_elses_folder_is_never_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="holds other files"):
        check_new_folder(tmp_path, marker="m.json", overwrite=True)
    with pytest.raises(InputError, match="a file stands"):
        check_new_folder(tmp_path / "thesis.tex", marker="m.json", overwrite=True)
    (tmp_path / "empty").mkdir()
    check_new_folder(tmp_path / "empty", marker="m.json", overwrite=False)


def test_the_cache_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    assert cache_folder("vocabularies") == tmp_path / "vocabularies"
    monkeypatch.delenv("SCIXTAG_CACHE")
    assert cache_folder("x").parts[-2:] == ("scixtag", "x")
