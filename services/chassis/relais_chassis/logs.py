"""The words of a process: JSON lines on stdout, one canonical line per piece of work.

Every part writes through here. A line never holds personal data (redaction.py) and never floods (throttle)."""

import logging
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import orjson
import structlog
from prometheus_client import Counter as Metric

from relais_chassis.redaction import message_of, redact

ANSWERS = Metric("relais_answers_total", "What became of what was asked, by kind of answer", ["kind"])

log = structlog.get_logger("relais")


class Line(dict[str, object]):
    """The fields of one canonical line, and the answers counted while it is open."""

    def __init__(self, **fields: object) -> None:
        super().__init__(fields)
        self.answers: Counter[str] = Counter()


_open_line: ContextVar[Line | None] = ContextVar("relais_open_line", default=None)


@contextmanager
def canonical(event: str, **fields: object) -> Iterator[Line]:
    """Write one line when the work is over: its fields, the answers it counted, the seconds, the failure if any."""
    line = Line(**fields)
    outer = _open_line.set(line)
    started = time.perf_counter()
    try:
        yield line
    except BaseException as failure:
        line["failed"] = type(failure).__name__
        raise
    finally:
        _open_line.reset(outer)
        write = log.error if "failed" in line else log.info
        write(event, seconds=round(time.perf_counter() - started, 6), answers=dict(line.answers), **line)


def tally(kind: str, count: int = 1) -> None:
    """Count an answer in the line that is open, and in the metrics."""
    if line := _open_line.get():
        line.answers[kind] += count
    ANSWERS.labels(kind).inc(count)


def configure(service: str, level: str = "INFO") -> None:
    """Send every line of this process, libraries' included, to stdout as JSON under the service's name."""

    def named(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.setdefault("service", service)
        return line

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        named,
        _failure_as_fields,
        redact,
    ]
    output = logging.StreamHandler(sys.stdout)
    output.addFilter(Throttle("aiokafka", "faust", "mode"))
    output.addFilter(lambda record: not str(record.msg).startswith("Exception in ASGI"))  # problems.py has told it
    output.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _as_json],
        )
    )
    logging.basicConfig(handlers=[output], level=level.upper(), force=True)
    for library in ("faust", "mode", "aiokafka", "httpx", "uvicorn"):
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.root.level))
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class Throttle(logging.Filter):
    """Lets through a few lines a minute of each kind from libraries that write thousands in an outage."""

    def __init__(self, *libraries: str, allowed: int = 5, seconds: float = 60.0) -> None:
        super().__init__()
        self._libraries, self._allowed, self._seconds = libraries, allowed, seconds
        self._seen: dict[tuple[str, str], list[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._libraries):
            return True
        window = self._seen.setdefault((record.name, str(record.msg)[:200]), [record.created, 0])
        if record.created - window[0] >= self._seconds:
            left_out = int(window[1]) - self._allowed
            if left_out > 0:
                record.msg = f"{record.msg} ({left_out} more like it were left out)"
            window[:] = [record.created, 0]
        window[1] += 1
        return window[1] <= self._allowed


def _failure_as_fields(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where it failed and of what kind, without the values that a traceback's text would show."""
    info = line.pop("exc_info", None)
    failure = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(failure, BaseException):
        line["error"] = f"{type(failure).__name__}: {message_of(failure)}"
        frames = traceback.extract_tb(failure.__traceback__)[-12:]
        line["frames"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
        cause = failure.__cause__ or failure.__context__
        if cause is not None:
            line["cause"] = f"{type(cause).__name__}: {message_of(cause)}"
    return line


def _as_json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    return orjson.dumps(line, default=str).decode()
