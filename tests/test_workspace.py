import pytest

from scixtag import workspace
from scixtag.workspace import Workspace


def test_without_a_workspace_nothing_is_kept(tmp_path):
    assert workspace.current() is None
    with workspace.part("fold-1"):
        assert workspace.current() is None


def test_parts_have_their_own_folders_and_make_none(tmp_path):
    with workspace.working_in(tmp_path / "w", resume=True):
        assert workspace.current() == Workspace(tmp_path / "w", True)
        with workspace.part("fold-1"), workspace.part("inner"):
            assert workspace.current() == Workspace(tmp_path / "w" / "fold-1" / "inner", True)
        with workspace.part("fold-2"):
            assert workspace.current() == Workspace(tmp_path / "w" / "fold-2", True)
        assert workspace.current() == Workspace(tmp_path / "w", True)
    assert list(tmp_path.iterdir()) == []


def test_an_error_ends_the_workspace(tmp_path):
    with pytest.raises(ValueError), workspace.working_in(tmp_path, resume=False), workspace.part("final"):
        raise ValueError
    assert workspace.current() is None
