import pytest

from scixtag.cli.main import call


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """A tagger trained on the embedded corpus."""
    folder = tmp_path_factory.mktemp("trained") / "model"
    assert call(["train", "sample:train", "--output", str(folder), "--quiet"]) == 0
    return folder


@pytest.fixture
def scixtag(capsys):
    """Run the command line; gives exit code, standard output and standard error."""

    def run(*arguments):
        code = call([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run
