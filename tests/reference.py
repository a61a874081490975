"""The real reference data beside the checkout, for the tests that need them.

A test that asks for a file that is not there is skipped. Nothing is copied from them.
"""

from pathlib import Path
from typing import Final

import pytest

DATA: Final = Path(__file__).resolve().parents[2] / "shared" / "data"


def reference(*parts: str) -> Path:
    """A file of the reference data, such as `reference("services", "….json")`."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip("the reference data are not beside this checkout")
    return path
