"""Rows of a JSON document, one at a time: the document itself is never in memory.

Below `files`. It says where a document breaks off and knows no field but those that tell the formats apart.
"""

from collections.abc import Iterator, Mapping
from typing import BinaryIO, TypeAlias

import ijson  # type: ignore[import-untyped]

from relais_intake.directory.adapters.lines import Cut, Left

BOM = b"\xef\xbb\xbf"
Values: TypeAlias = Mapping[str, object]


def rows(file: BinaryIO, where: str, before: int = 0) -> Iterator[tuple[int, Values] | Left | Cut]:
    """The objects of a list (`item`, or `services.item`), counted from 1 after `before`.

    Ends with Cut where the document breaks off; what is no object is Left.
    """
    number = before
    _rewind(file)
    try:
        for value in ijson.items(file, where):
            number += 1
            yield (number, value) if isinstance(value, dict) else Left(number, "an object is expected")
    except ijson.JSONError as error:
        yield Cut(number + 1, file.tell(), _why(error))
    except (ValueError, RecursionError) as error:
        yield Cut(number + 1, file.tell(), f"not readable JSON: {type(error).__name__}")


def _rewind(file: BinaryIO) -> None:
    file.seek(0)
    if file.read(len(BOM)) != BOM:
        file.seek(0)


def _why(error: ijson.JSONError) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    if "premature EOF" in text:
        return "the file ends in the middle of its JSON"
    return f"not readable JSON: {text.splitlines()[0] if text else type(error).__name__}"
