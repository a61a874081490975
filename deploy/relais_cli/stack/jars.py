"""Kafka's jars: downloaded once from Maven Central, each checked against the committed `jars.sha256`.

What is listed there is what runs; nothing is resolved at installation. `python -m relais_cli.stack.jars` resolves
the list anew after a change of version.
"""

import fcntl
import shutil
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from relais_cli import places

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA = "4.4.0"
WANTED = [("org.apache.kafka", "kafka_2.13", KAFKA), ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.5")]
LIST = Path(__file__).with_name("jars.sha256")
HOME = places.TOOLS / "kafka" / KAFKA


class WrongJar(RuntimeError):
    """A downloaded jar is not the one whose digest was committed."""


def _context() -> "MavenContext":
    from jgo.maven import MavenContext

    return MavenContext(repo_cache=places.TOOLS / "kafka" / "maven", timeout=120)


def _digest(jar: Path) -> str:
    with jar.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _fetch(context: "MavenContext", digest: str, path: str, into: Path) -> None:
    group, artifact, version = path.split("/")[:-3], path.split("/")[-3], path.split("/")[-2]
    jar = Path(context.project(".".join(group), artifact).at_version(version).artifact().resolve())
    if _digest(jar) != digest:
        jar.unlink()
        raise WrongJar(f"{path} is not the jar that {LIST.name} names; it was deleted")
    shutil.copyfile(jar, into / jar.name)


def install() -> Path:
    """The folder with Kafka's jars, made when it is missing; safe to run by many at once."""
    libs = HOME / "libs"
    wanted = LIST.read_text()
    if (HOME / "complete").exists() and (HOME / "complete").read_text() == wanted:
        return libs
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (HOME / "complete").exists() or (HOME / "complete").read_text() != wanted:
            (HOME / "prepared").unlink(missing_ok=True)
            shutil.rmtree(libs, ignore_errors=True)
            libs.mkdir()
            context = _context()
            with ThreadPoolExecutor(8) as pool:
                lines = [line.split(maxsplit=1) for line in wanted.splitlines()]
                list(pool.map(lambda line: _fetch(context, line[0], line[1], libs), lines))
            shutil.rmtree(places.TOOLS / "kafka" / "maven", ignore_errors=True)
            (HOME / "complete").write_text(wanted)
    return libs


def resolve() -> str:
    """The list anew: one `digest  path` a line, by Maven's own resolution of what is wanted."""
    from jgo.maven import Dependency

    context = _context()
    # raw: a logging binding must not manage the versions of Kafka's own dependencies.
    inputs = [Dependency(context.project(*name).at_version(version).artifact(), raw=True) for *name, version in WANTED]
    _, nodes = context.resolver.get_dependency_list(inputs)
    jars = {Path(d.artifact.resolve()) for d in [*inputs, *(node.dep for node in nodes)]}
    return "".join(sorted(f"{_digest(jar)}  {jar.relative_to(context.repo_cache)}\n" for jar in jars))


if __name__ == "__main__":
    LIST.write_text(resolve())
