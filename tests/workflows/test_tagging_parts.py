"""What a tagging is made of, piece by piece."""

import gzip
import json
import zlib
from pathlib import Path

import pytest

from scixtag.corpus.readers.piece import Head, Piece, Place
from scixtag.corpus.supply import Spot
from scixtag.engines.base import Died
from scixtag.errors import InputError, WorkerError
from scixtag.workflows.tagging.assembly import assemble
from scixtag.workflows.tagging.folder import Unfinished
from scixtag.workflows.tagging.journal import Assembled, Journal
from scixtag.workflows.tagging.shard import Outcome, Shard, noted_at
from scixtag.workflows.tagging.target import check_target, target_of
from scixtag.workflows.tagging.trouble import Troubles


@pytest.mark.parametrize(
    ("output", "file_format", "parts", "name", "rejects"),
    [
        ("a/t.jsonl", None, False, "part-000007.jsonl", "a/t.jsonl.rejects.jsonl"),
        ("t.jsonl.gz", None, False, "part-000007.jsonl.gz", "t.jsonl.gz.rejects.jsonl"),
        ("t", None, True, "part-000007.parquet", "t.rejects.jsonl"),
        ("t/", "jsonl", True, "part-000007.jsonl", "t.rejects.jsonl"),
        ("v1.2/", None, True, "part-000007.parquet", "v1.2.rejects.jsonl"),
        ("t.v2", "parquet", True, "part-000007.parquet", "t.v2.rejects.jsonl"),
        ("t.jsonl/", "jsonl", True, "part-000007.jsonl", "t.jsonl.rejects.jsonl"),
    ],
)
def test_what_an_output_means(output, file_format, parts, name, rejects):
    target = target_of(output, file_format, "paper", None)
    assert (target.parts, target.part(7), target.rejects) == (parts, name, Path(rejects))


def test_an_existing_folder_with_a_dot_is_a_folder(tmp_path):
    (tmp_path / "v1.2").mkdir()
    assert target_of(str(tmp_path / "v1.2"), None, "paper", None).parts
    with pytest.raises(InputError, match="is not replaced"):
        target_of(str(tmp_path / "t.json"), None, "paper", None)


def outcome(number, content=b"0123456789", told=b""):
    sums = zlib.crc32(content), zlib.crc32(told)
    return Outcome(number, 3, int(len(told) > 0), 1, 12345, len(content), len(told), *sums)


def test_a_journal_tells_what_was_written_and_drops_what_is_torn(tmp_path):
    path = tmp_path / "journal.jsonl"
    journal = Journal(path)
    journal.finished(outcome(1), Spot(0, Place(20, 3, 4)))
    assert journal.prefix == 0
    journal.finished(outcome(0), Spot(0, Place(10, 2, 2)))
    journal.ended(2)
    journal.put_together("parts", Assembled(1, 10))
    journal.put_together("parts", Assembled(2, 20))
    whole = path.read_bytes()
    again = Journal(path)
    assert (again.entries, again.total, again.assembled, again.placing) == (
        (journal.entries, 2, {"parts": Assembled(2, 20)}, False)
    )
    assert again.prefix == 2
    assert again.start_of(2) == Spot(0, Place(20, 3, 4))
    assert again.start_of(0) == Spot()
    assert again.sum_of("papers") == 6
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        Journal(path).place()
        complete = whole[:length].count(b"\n")
        lines = path.read_bytes().splitlines()
        assert [*whole.splitlines()[:complete], b'{"placing": true}'] == lines
        assert Journal(path).placing


def unfinished(folder, name="t.jsonl", parts=5):
    """Finished shards that are not yet put together."""
    target = target_of(str(folder / name), None, "paper", None)
    target.folder.mkdir()
    work = Unfinished(target)
    work.begin({})
    for number in range(parts):
        content = f"part {number}\n".encode() * (number + 1)
        work.part(number).write_bytes(content)
        told = b"bad\n" if number in (1, 3) else b""
        if told:
            work.rejects(number).write_bytes(told)
        work.journal.finished(outcome(number, content, told), Spot(0, Place(number + 1, 1, 1)))
    work.journal.ended(parts)
    return work


WHOLE = "".join(f"part {number}\n" * (number + 1) for number in range(5))


def test_a_part_that_is_not_as_it_was_written_is_made_again(tmp_path):
    work = unfinished(tmp_path)
    for number, change in ((1, lambda old: old[:-1]), (2, lambda old: b"X" + old[1:])):
        work.part(number).write_bytes(change(work.part(number).read_bytes()))
    work.rejects(3).write_bytes(b"bud\n")
    work.part(4).unlink()
    again = Unfinished(work.target)
    again.trust()
    assert (sorted(again.journal.entries), again.journal.total) == ([0], None)


@pytest.mark.parametrize("name", ["t.jsonl", "t.jsonl.gz", "t.jsonl.rejects.jsonl"])
def test_a_file_that_no_tagging_wrote_is_not_replaced(tmp_path, name):
    for mine in (b"mine\n", b'{"id": 1}\n', b"\x1f\x8b"):
        (tmp_path / name).write_bytes(mine)
        target = target_of(str(tmp_path / name.removesuffix(".rejects.jsonl")), None, "paper", None)
        with pytest.raises(InputError, match=r"no tagging wrote|without rejected records"):
            check_target(target, "sample", [], overwrite=True)
    (tmp_path / name).write_bytes(b"")
    check_target(target, "sample", [], overwrite=False)
    line = b'{"file": "p", "row": 1, "reason": "no JSON"}\n' if "rejects" in name else b'{"id": 1, "suggestions": []}\n'
    (tmp_path / name).write_bytes(gzip.compress(line) if name.endswith(".gz") else line)
    check_target(target, "sample", [], overwrite=False)


@pytest.mark.parametrize("rejects", ["-", "r.jsonl.gz", "/dev/stderr", "a.csv"])
def test_rejects_in_odd_places_are_refused_before_any_work(tmp_path, rejects):
    target = target_of(str(tmp_path / "t.jsonl"), None, "paper", Path(rejects))
    with pytest.raises(InputError, match="--rejects"):
        check_target(target, "sample", [], overwrite=False)


class Crash(BaseException):
    """Nothing after it is done."""


@pytest.mark.parametrize("name", ["t.jsonl", "table"])
@pytest.mark.parametrize("at_once", [1, 30, 1 << 26])
def test_putting_together_survives_a_crash_before_any_step(tmp_path, monkeypatch, name, at_once):
    """Every call that changes the disk is, in its turn, the one that never happens."""
    monkeypatch.setattr("scixtag.workflows.tagging.assembly._AT_ONCE", at_once)
    steps = (
        "os.fsync",
        "pathlib.Path.unlink",
        "pathlib.Path.rename",
        "pathlib.Path.rmdir",
        "shutil.move",
        "shutil.rmtree",
    )
    for moment in range(200):
        folder = tmp_path / str(moment)
        folder.mkdir()
        work = unfinished(folder, name)
        left = [moment]
        with monkeypatch.context() as patch:
            for step in steps:
                patch.setattr(step, counted(step, left))
            try:
                assemble(work)
                crashed = False
            except Crash:
                crashed = True
        if crashed and work.path.exists() and (work.path / "job.json").exists():
            again = Unfinished(work.target)
            again.trust()
            assert len(again.journal.entries) == 5
            assemble(again)
        if name == "table":
            parts = sorted((folder / "table").iterdir())
            assert "".join(part.read_text() for part in parts) == WHOLE
        else:
            assert (folder / name).read_text() == WHOLE
        assert (folder / f"{name}.rejects.jsonl").read_text() == "bad\nbad\n"
        if not crashed:
            assert sorted(one.name for one in folder.iterdir()) == sorted([name, f"{name}.rejects.jsonl"])
            assert moment > 10
            return
    pytest.fail("it never ended")


def counted(step, left):
    """The real thing, but for the one time that it crashes."""
    import importlib

    module, _, attribute = step.rpartition(".")
    owner = importlib.import_module("os" if module == "os" else module.partition(".")[0])
    owner = getattr(owner, "Path") if module == "pathlib.Path" else owner  # noqa: B009
    real = getattr(owner, attribute)

    def run(*arguments, **options):
        left[0] -= 1
        if left[0] < 0:
            raise Crash
        return real(*arguments, **options)

    return run


@pytest.fixture
def shard():
    return Shard(4, Piece(Head(Path("p.jsonl"), None), Place(), Place(9, 9, 9), ()))


def test_a_record_is_to_blame_only_if_two_workers_in_a_row_died_at_it(tmp_path, shard):
    (tmp_path / "at").mkdir()
    troubles = Troubles(tmp_path)

    def died(task, record=None):
        if record is not None:
            noted_at(tmp_path, task.number).write_text(str(record))
        return troubles.next(Died(task, "killed by signal 9"))

    again = died(shard)
    assert again == shard
    careful = died(again)
    assert careful.careful
    assert died(careful, 3) == careful
    assert died(careful, 5) == careful  # killed from outside, it seems
    without = died(careful, 5)
    assert (without.careful, without.without) == (False, ((5, "killed by signal 9"),))
    assert died(without).careful
    troubles.over(shard.number)
    assert died(shard) == shard


def test_workers_that_die_before_any_record(tmp_path, shard):
    (tmp_path / "at").mkdir()
    troubles = Troubles(tmp_path)
    task = shard
    with pytest.raises(WorkerError, match=r"p\.jsonl from row 1 on: workers end before they tag a record"):
        for _ in range(10):
            task = troubles.next(Died(task, "killed by signal 9"))


def test_the_folder_says_whose_it_is(tmp_path):
    work = unfinished(tmp_path)
    assert Unfinished(work.target).origin == {}
    document = json.loads((work.path / "job.json").read_text())
    (work.path / "job.json").write_text(json.dumps(document | {"format_version": 99}))
    with pytest.raises(InputError, match=r"scixtag-tagging 99.*--overwrite"):
        _ = Unfinished(work.target).origin
