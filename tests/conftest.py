import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data beside the checkout, or a skip that says so."""
    default = Path(__file__).parents[1] / ".." / "shared"
    folder = Path(os.environ.get("SCIXTAG_SHARED", default)).resolve()
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}; set SCIXTAG_SHARED")
    return folder
