"""Every link within the project leads somewhere."""

from pathlib import Path

import pytest

from docs.markdown import anchors, links
from relais_cli import places

FOLDERS = ("docs", "schemas", "services", "deploy", "tests")
PAGES = sorted(
    [*places.CHECKOUT.glob("*.md"), *(page for name in FOLDERS for page in (places.CHECKOUT / name).rglob("*.md"))]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(places.CHECKOUT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []
