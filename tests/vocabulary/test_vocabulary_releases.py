import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scixtag.errors import InputError, OutputError, RemoteError
from scixtag.vocabulary import releases
from scixtag.vocabulary.concept import Concept, Vocabulary
from scixtag.vocabulary.load import load_vocabulary
from scixtag.vocabulary.releases import (
    Release,
    difference,
    get_release,
    is_release,
    known_version,
    release_version,
    successors,
)

LIST = json.dumps(
    [
        {"uri": "http://astrothesaurus.org/uat/1", "name": "Stars"},
        {
            "uri": "http://astrothesaurus.org/uat/2",
            "name": "Suns",
            "status": "deprecated",
            "useInstead": ["http://astrothesaurus.org/uat/1"],
        },
    ]
).encode()
RDF = b"<rdf:RDF><!-- http://astrothesaurus.org/uat/1 --></rdf:RDF>"


class Server:
    """A web server with the layout of the thesaurus's repository, which counts what is asked of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        asked = self.asked

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, *_: object) -> None: ...

            def do_GET(self) -> None:
                asked.append(self.path)
                super().do_GET()

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.http.server_port}/UAT"

    def put(self, revision: str, name: str, content: bytes) -> None:
        path = self.folder / "UAT" / revision / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    server = Server(tmp_path / "site")
    monkeypatch.setenv("SCIXTAG_UAT_URL", server.url + "/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    sums = {"UAT_list.json": hashlib.sha256(LIST).hexdigest(), "UAT.rdf": hashlib.sha256(RDF).hexdigest()}
    known = {"5.1.0": Release("c0ffee", sums), "6.0.0": Release("v6.0.0")}
    monkeypatch.setattr(releases, "RELEASES", known)
    for release in known.values():
        server.put(release.revision, "UAT_list.json", LIST)
        server.put(release.revision, "UAT.rdf", RDF)
    thread = threading.Thread(target=server.http.serve_forever, args=[0.01])
    thread.start()
    yield server
    server.http.shutdown()
    server.http.server_close()
    thread.join()


def test_a_release_is_fetched_once(server, cache):
    path = get_release("uat:5.1.0")
    assert path == cache / "releases" / "uat-5.1.0" / "UAT_list.json"
    assert path.read_bytes() == LIST
    assert path.with_name("UAT.rdf").read_bytes() == RDF
    assert server.asked == ["/UAT/c0ffee/UAT_list.json", "/UAT/c0ffee/UAT.rdf"]
    assert get_release("uat") == get_release("uat:5.1.0") == path
    assert len(server.asked) == 2


def test_a_damaged_copy_is_fetched_again(server):
    path = get_release("uat:5.1.0")
    path.write_bytes(LIST[:-9])
    assert get_release("uat:5.1.0").read_bytes() == LIST
    assert server.asked[2:] == ["/UAT/c0ffee/UAT_list.json"]


def test_a_file_with_another_checksum_is_refused_and_not_kept(server, cache):
    server.put("c0ffee", "UAT_list.json", LIST + b" ")
    with pytest.raises(RemoteError, match=r"has the SHA-256 \w{64}, not \w{64}; .*download http.* by hand"):
        get_release("uat:5.1.0")
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_release_without_checksums_says_so(server, notes):
    assert get_release("uat:6.0.0").read_bytes() == LIST
    assert sum("was not verified" in note for note in notes) == 2
    assert server.asked[0] == "/UAT/v6.0.0/UAT_list.json"


def test_an_answer_that_is_no_thesaurus_is_refused(server):
    server.put("v6.0.0", "UAT_list.json", b"<html>Please log in</html>")
    with pytest.raises(RemoteError, match="not a file of the thesaurus; download"):
        get_release("uat:6.0.0")


def test_a_missing_file_is_a_remote_error(server):
    (server.folder / "UAT" / "c0ffee" / "UAT_list.json").unlink()
    with pytest.raises(
        RemoteError, match=r"not reachable \(HTTP Error 404.*by hand and pass the file instead of 'uat:5"
    ):
        get_release("uat")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/UAT", "http://[", "file:///etc", "ftp://a.org"])
def test_offline_says_what_to_do(monkeypatch, url):
    monkeypatch.setenv("SCIXTAG_UAT_URL", url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(RemoteError, match=r"by hand and pass the file|mend or unset"):
        get_release("uat:5.1.0")


def test_offline_a_cached_release_is_enough(server, monkeypatch):
    path = get_release("uat:5.1.0")
    monkeypatch.setenv("SCIXTAG_UAT_URL", "http://127.0.0.1:9")
    assert get_release("uat:5.1.0") == path


def test_a_cache_that_cannot_be_written_says_what_to_do(server, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SCIXTAG_CACHE", str(tmp_path / "file"))
    with pytest.raises(OutputError, match="set SCIXTAG_CACHE to a folder with space, or download"):
        get_release("uat:5.1.0")


def test_loading_a_release_knows_version_and_successors(server):
    for reference, release in (("uat", "5.1.0"), ("uat:5.1.0", "5.1.0"), ("uat:6.0.0", "6.0.0"), ("uat", "5.1.0")):
        vocabulary = load_vocabulary(reference)
        assert vocabulary.release == release
        assert vocabulary[1].successors == (1,)


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("uat", True),
        ("uat:5.1.0", True),
        ("uat:9", True),
        ("uat.rdf", False),
        ("./uat", False),
        ("UAT_list.json", False),
    ],
)
def test_names_of_releases(reference, named):
    assert is_release(reference) is named


def test_an_unknown_release_offers_the_nearest():
    assert release_version("uat") == release_version("uat:5.1.0") == "5.1.0"
    for reference in ("uat:5.1", "uat:9.9.9", "yso:5.1.0"):
        with pytest.raises(InputError, match=rf"'{reference}' is no known release.*uat:5\.1\.0, uat:6\.0\.0"):
            release_version(reference)
    with pytest.raises(InputError, match=r"did you mean 'uat:5\.1\.0'"):
        load_vocabulary("uat:5.1")


def test_the_checksums_are_those_of_the_release(shared):
    folder = shared / "data" / "uat"
    for name, checksum in releases.RELEASES["5.1.0"].checksums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
        assert known_version(checksum) == "5.1.0"
    assert known_version("0" * 64) == ""


def concept(
    number: int, name: str = "", broader: tuple[int, ...] = (), after: tuple[int, ...] | None = None
) -> Concept:
    return Concept(
        number,
        f"u:{number}",
        name or f"c{number}",
        broader=broader,
        deprecated=after is not None,
        successors=after or (),
    )


FOLLOWED = Vocabulary(
    [
        concept(1),
        concept(2),
        concept(3, after=(2, 1)),
        concept(4, after=(3, 5)),
        concept(5, after=(4, 2)),
        concept(6, after=()),
        concept(7, after=(7,)),
    ]
)


@pytest.mark.parametrize(
    ("number", "ids"), [(1, [1]), (3, [2, 1]), (4, [2, 1]), (5, [2, 1]), (6, []), (7, []), ("u:3", [2, 1])]
)
def test_successors_are_followed_to_concepts_in_use(number, ids):
    assert [found.id for found in successors(FOLLOWED, number)] == ids


def test_successors_of_an_unknown_concept():
    with pytest.raises(InputError, match="no concept 99 in the vocabulary"):
        successors(FOLLOWED, 99)


def test_the_difference_of_two_releases():
    kept, renamed, moved, gone = concept(1), concept(2, "Old"), concept(3, broader=(1,)), concept(4)
    dropped, was_old = concept(5, "Old too", broader=(1,)), concept(6, after=(1,))
    old = Vocabulary([kept, renamed, moved, gone, dropped, was_old])
    renamed_now, moved_now = concept(2, "New"), concept(3, broader=(1, 2))
    dropped_now, added, added_old = concept(5, after=(1,)), concept(8, broader=(1,)), concept(9, after=(1,))
    new = Vocabulary([kept, renamed_now, moved_now, dropped_now, was_old, added, added_old])
    found = difference(old, new)
    assert found.added == (added, added_old)
    assert found.removed == (gone,)
    assert found.renamed == ((renamed, renamed_now), (dropped, dropped_now))
    assert found.deprecated == (dropped_now,)
    assert found.moved == ((moved, moved_now),)


def test_the_difference_does_not_depend_on_how_ids_are_assigned():
    old = Vocabulary([Concept(1, "u:1", "a"), Concept(2, "u:2", "b", broader=(1,))])
    new = Vocabulary([Concept("1", "u:1", "a"), Concept("2", "u:2", "b", broader=("1",)), Concept("x", "u:x", "c")])
    found = difference(old, new)
    assert [added.id for added in found.added] == ["x"]
    assert (found.removed, found.renamed, found.deprecated, found.moved) == ((), (), (), ())
