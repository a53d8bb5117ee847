import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout, or wherever SCIXTAG_SHARED says; tests that need it skip without."""
    folder = Path(os.environ.get("SCIXTAG_SHARED") or Path(__file__).parents[1] / ".." / "shared")
    if not (folder / "data").is_dir():
        pytest.skip("no folder of real data: set SCIXTAG_SHARED, or put it beside the checkout as 'shared'")
    return folder
