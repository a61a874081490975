"""Lines are JSON, one per piece of work, few from chatty libraries, and never with personal data."""

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from pydantic import BaseModel

from relais_chassis import logs
from relais_chassis.logs import Throttle, canonical, configure, tally
from relais_chassis.redaction import HIDDEN, message_of, redact

PERSONAL = ["jean.dupont@mail.fr", "06 12 34 56 78", "+33 6 12 34 56 78", "0612345678", "06.12.34.56.78"]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Reads the lines written since the start of the test."""
    before, level, written = logging.root.handlers[:], logging.root.level, io.StringIO()
    with contextlib.redirect_stdout(written):
        configure("intake")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.root.handlers[:] = before
    logging.root.setLevel(level)
    structlog.reset_defaults()


def test_a_piece_of_work_is_one_line_with_its_answers(lines: Any) -> None:
    with canonical("batch", reader="faust", topics=["cases"], records=3) as line:
        tally("accepted", 2)
        tally("refused")
        line["lag"] = 7
    (written,) = lines()
    assert written.pop("seconds") >= 0
    assert written.pop("at").endswith("Z")
    assert written == {
        "event": "batch",
        "level": "info",
        "service": "intake",
        "reader": "faust",
        "topics": ["cases"],
        "records": 3,
        "lag": 7,
        "answers": {"accepted": 2, "refused": 1},
    }


def test_answers_are_counted_for_prometheus_even_outside_a_line(lines: Any) -> None:
    def counted() -> float:
        return REGISTRY.get_sample_value("relais_answers_total", {"kind": "tested"}) or 0.0

    before = counted()
    tally("tested", 3)
    assert counted() == before + 3


def test_work_that_fails_says_so_and_the_failure_goes_on(lines: Any) -> None:
    with pytest.raises(KeyError), canonical("batch", reader="faust"):
        raise KeyError("x")
    (written,) = lines()
    assert (written["level"], written["failed"]) == ("error", "KeyError")


@pytest.mark.parametrize("personal", PERSONAL)
def test_personal_data_are_hidden_wherever_they_stand(lines: Any, personal: str) -> None:
    structlog.get_logger("test").info(f"call {personal}", detail=[{"deep": f"at {personal}!"}], other=personal)
    logging.getLogger("library").warning("could not reach %s", personal)
    written = lines()
    assert len(written) == 2
    assert personal not in json.dumps(written, ensure_ascii=False)
    assert written[0]["event"] == f"call {HIDDEN}"


def test_fields_that_hold_personal_data_by_their_name_are_hidden() -> None:
    line = redact(None, "info", {"name": "Jean", "Contact": {"x": 1}, "inner": {"phone": "1"}, "records": 3})
    assert line == {"name": HIDDEN, "Contact": HIDDEN, "inner": {"phone": HIDDEN}, "records": 3}


def test_what_only_looks_like_a_telephone_number_stays() -> None:
    kept = {
        "event": "case/0612345678ab-4c1e-8f00-0123456789ab",
        "at": "2026-03-02T09:00:00.012345678Z",
        "seconds": 0.6123456789,
        "partition": "relais.cases-7",
        "url": "http://127.0.0.1:50321",
    }
    assert redact(None, "info", kept) == kept


def test_credentials_are_hidden() -> None:
    said = "postgresql://relais:geheim@db:5432/x Bearer abcdefghijk eyJhbGciOi.eyJzdWIi.c2ln"
    assert redact(None, "info", {"event": said})["event"] == (
        f"postgresql://relais:{HIDDEN}@db:5432/x {HIDDEN} {HIDDEN}"
    )


class Contact(BaseModel):
    age: int


def test_a_failure_is_told_by_kind_and_place_not_by_its_data(lines: Any) -> None:
    try:
        try:
            Contact.model_validate({"age": "Jean Dupont"})
        except ValueError as failure:
            raise RuntimeError(f"cannot take {'Jean Dupont'!r} in 'relais.cases'") from failure
    except RuntimeError:
        structlog.get_logger("test").exception("failed")
        logging.getLogger("library").exception("failed there")
    assert len(lines()) == 2
    for written in lines():
        assert "Dupont" not in json.dumps(written)
        assert written["error"] == f"RuntimeError: cannot take {HIDDEN} in 'relais.cases'"
        assert written["cause"].startswith("ValidationError: 1 validation error")
        assert any("test_logs.py" in frame for frame in written["frames"])


def test_only_the_first_line_of_a_message_is_told() -> None:
    assert message_of(ValueError("duplicate key\nDETAIL: Key (phone)=(1) exists")) == "duplicate key"
    assert message_of(ValueError()) == ""


def test_a_library_that_repeats_itself_is_cut_short() -> None:
    throttle = Throttle("aiokafka", allowed=2, seconds=60)

    def record(name: str, at: float) -> logging.LogRecord:
        made = logging.makeLogRecord({"name": name, "msg": "Unable to connect to %s", "args": ("node 1",)})
        made.created = at
        return made

    kept = [throttle.filter(record("aiokafka.conn", at)) for at in range(10)]
    assert kept == [True, True] + [False] * 8
    assert all(throttle.filter(record("relais_chassis.relay", at)) for at in range(10))
    later = record("aiokafka.conn", 60.0)
    assert throttle.filter(later)
    assert later.getMessage() == "Unable to connect to node 1 (8 more like it were left out)"


def test_lines_come_from_libraries_too_in_a_process_of_its_own() -> None:
    program = (
        "from relais_chassis import logs; import logging; logs.configure('x'); logging.getLogger('lib').error('no')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    written = json.loads(done.stdout)
    assert (written["event"], written["logger"], written["service"]) == ("no", "lib", "x")
    assert logs.Line(a=1) == {"a": 1}


def test_libraries_that_tell_their_every_step_are_heard_from_a_warning_on(lines: Any) -> None:
    for library in ("faust.app", "mode.services", "aiokafka.conn", "httpx", "uvicorn.error"):
        logging.getLogger(library).info("starting")
        logging.getLogger(library).warning("trouble")
    assert [written["event"] for written in lines()] == ["trouble"] * 5
