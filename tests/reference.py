"""The real reference data beside the checkout, for the tests that need them: the one place that knows where they lie.

Nothing is copied from them. Where a file is missing, the test is skipped; under continuous integration (`CI` is set,
as for the browser) it fails, so that no build is green for having looked at nothing.
"""

import os
from pathlib import Path
from typing import Final

import pytest

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"


def reference(*parts: str) -> Path:
    """A file of the reference data, such as `reference("services", "….json")`; their folder when nothing is named."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        _without(path)
    return path


def _without(path: Path) -> None:
    why = f"{path} is missing: put the reference data there, from the sources that CONTRIBUTING.md names"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)
