import errno
import json
import os
from pathlib import Path

import pytest

from scixtag.errors import InputError, OutputError
from scixtag.files import JSON_MARK, cache_folder, check_new_file, check_new_folder, write_json, writing, writing_folder


def no_m(folder):
    return "" if (folder / "m.json").is_file() else "it holds other files"


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
    with pytest.raises((KeyboardInterrupt, OutputError)), writing(old) as stream:
        stream.write("half")
        raise interruption
    assert old.read_text() == "old"
    assert [p.name for p in old.parent.iterdir()] == ["out.txt"]


def test_a_full_disk_while_flushing_leaves_the_old_file(old, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"out\.txt: cannot be written \(No space"):
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
    with writing_folder(target, foreign=no_m) as draft:
        (draft / "m.json").write_text("1")
        assert not target.exists()
    with pytest.raises(InputError, match="--overwrite"), writing_folder(target, foreign=no_m):
        pass
    with writing_folder(target, foreign=no_m, overwrite=True) as draft:
        (draft / "m.json").write_text("2")
    assert (target / "m.json").read_text() == "2"
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_an_interrupted_folder_leaves_the_old_one(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "m.json").write_text("1")
    with pytest.raises(KeyboardInterrupt), writing_folder(target, foreign=no_m, overwrite=True) as draft:
        (draft / "m.json").write_text("2")
        raise KeyboardInterrupt
    assert (target / "m.json").read_text() == "1"
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_of_two_that_write_one_folder_the_quicker_wins_and_the_other_is_told(tmp_path):
    target = tmp_path / "out"
    with (
        pytest.raises(InputError, match="the folder exists; choose another --output"),
        writing_folder(target, foreign=no_m) as slow,
    ):
        (slow / "m").write_text("slow")
        with writing_folder(target, foreign=no_m) as quick:
            (quick / "m").write_text("quick")
    assert (target / "m").read_text() == "quick"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_somebody_elses_folder_is_never_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="it holds other files, so the folder is not replaced"):
        check_new_folder(tmp_path, foreign=no_m, overwrite=True)
    with pytest.raises(InputError, match="a file stands"):
        check_new_folder(tmp_path / "thesis.tex", foreign=no_m, overwrite=True)
    (tmp_path / "empty").mkdir()
    check_new_folder(tmp_path / "empty", foreign=no_m, overwrite=False)


def test_the_cache_can_be_moved(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path))
    assert cache_folder("vocabularies") == tmp_path / "vocabularies"
    monkeypatch.delenv("SCIXTAG_CACHE")
    assert cache_folder("x").parts[-2:] == ("scixtag", "x")


def test_a_link_keeps_leading_to_the_same_file(old):
    link = old.with_name("link.txt")
    link.symlink_to(old)
    with writing(link) as stream:
        stream.write("new")
    assert link.is_symlink()
    assert old.read_text() == "new"


def test_a_device_is_written_to_and_stays_one():
    with writing(Path("/dev/null")) as stream:
        stream.write("x")
    assert Path("/dev/null").is_char_device()


def test_a_file_without_our_mark_is_not_replaced(tmp_path):
    path = tmp_path / "report.json"
    check_new_file(path, ".json", mark=JSON_MARK)
    path.touch()
    check_new_file(path, ".json", mark=JSON_MARK)
    write_json(path, {"format": 1, "scixtag": "0.1.0", "papers": []})
    check_new_file(path, ".json", mark=JSON_MARK)
    write_json(path, {"catalogue": list(range(1000))})
    with pytest.raises(InputError, match="that scixtag did not write is not replaced"):
        check_new_file(path, ".json", mark=JSON_MARK)


def test_a_file_of_another_kind_is_not_replaced(old):
    with pytest.raises(InputError, match="does not end in"):
        check_new_file(old, ".jsonl")
    with pytest.raises(InputError, match="a folder"):
        check_new_file(old.parent, ".jsonl")
    check_new_file(old, ".txt")
    check_new_file(old.with_name("new.dat"), ".jsonl")


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file/below\.json: cannot be written"):
        write_json(tmp_path / "file" / "below.json", {})


def test_a_replaced_file_keeps_its_permissions(old):
    old.chmod(0o600)
    write_json(old, 1)
    assert old.stat().st_mode & 0o777 == 0o600


def test_half_a_character_is_written_as_its_escape(old):
    with writing(old) as stream:
        stream.write('{"id": "a\ud800"}')
    assert json.loads(old.read_text()) == {"id": "a\ud800"}


def test_a_folder_that_cannot_be_put_back_is_kept(tmp_path, monkeypatch):
    target = tmp_path / "model"
    target.mkdir()
    (target / "m.json").write_text("years of work")
    rename = Path.rename

    def only_once(self, other):
        if only_once.calls:
            raise OSError(5, "Input/output error")
        only_once.calls = 1
        return rename(self, other)

    only_once.calls = 0
    monkeypatch.setattr(Path, "rename", only_once)
    with pytest.raises(OutputError), writing_folder(target, foreign=no_m, overwrite=True) as draft:
        (draft / "m.json").write_text("2")
    assert [f.read_text() for f in tmp_path.rglob("m.json")] == ["years of work"]
