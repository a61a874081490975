"""What README.md and the guides say to type works as written, and answers what the pages say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.markdown import Block, blocks
from docs.running import a_folder, run
from relais_cli import places

GUIDES = sorted((places.CHECKOUT / "docs" / "guides").glob("*.md"))
README = blocks(places.CHECKOUT / "README.md")
OPENING = (
    'link="$({})"; curl -sS -L -c cookies -b cookies -o /dev/null -w "%{{http_code}} %{{url_effective}}\\n"'
    ' -H "Sec-Fetch-Site: same-origin" -d "token=${{link#*token=}}" "${{link%\\?*}}"'
)
"""Press the button on the page of a link that a command gives."""
OPENED = re.compile(r"^(\d+ )http://[^/]+(/\S+)$", re.MULTILINE)
LINK = re.compile(r"^http://\S+/login\?token=\S+$", re.MULTILINE)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with a_folder() as made:
        yield made


def follow(page: Path, folder: Path) -> list[str]:
    """What the page's blocks answered, each as the page says."""
    wanted = blocks(page)
    said = run(wanted, folder)
    for block, output in zip(wanted, said, strict=True):
        for claim in block.claims:
            assert claim.is_kept_by(output), f"{block.commands}\nshould answer\n{claim.text}\nbut answered\n{output}"
    return said


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_works_as_written(page: Path, folder: Path) -> None:
    assert blocks(page)[0].commands.startswith("./relais up --detach\n"), "a guide begins where its reader stands"
    follow(page, folder)


def test_the_readme_works_as_written_and_leaves_nothing_up() -> None:
    page = places.CHECKOUT / "README.md"
    with a_folder() as folder:
        said = "\n".join(follow(page, folder))
        assert len(LINK.findall(said)) == 2
        assert not (folder / ".relais" / "run.json").exists()


def test_login_links_open_the_pages(folder: Path) -> None:
    asked = [line for block in README for line in block.commands.splitlines() if line.endswith("--login")]
    script = "\n".join(["./relais up --detach", *(OPENING.format(line) for line in asked)])
    (output,) = run([Block(script)], folder)
    assert ["".join(parts) for parts in OPENED.findall(output)] == ["200 /referrals", "200 /board"]
