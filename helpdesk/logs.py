"""Log lines: for people on a terminal, one JSON object a line for machines; always on stderr.

The faces call `configure()` once; whoever has something to say calls `get_logger()`. An event is a fixed word,
`noun.past_participle`, and everything else a key. Subjects, bodies and secrets are never logged: the settings hold
no secret values, tracebacks show no variables, and the libraries that would log what goes over the wire are kept
at WARNING whatever the level. The scheduler speaks of errors only: that a poll which takes long leaves the next one
out is by design, and a mailbox that doesn't answer is told of by its own name.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Let whoever imports the package meanwhile find that it is not there."""
    present = sys.modules.get(package)
    sys.modules[package] = None  # type: ignore[assignment]  # that is how Python says it
    try:
        yield
    finally:
        del sys.modules[package]
        if present is not None:
            sys.modules[package] = present


with _without("rich"):  # structlog would load 80 modules of it at every start, for tracebacks that we never let it draw
    import structlog
    from structlog.typing import FilteringBoundLogger, Processor

_TALKATIVE = ("imapclient", "aiosmtplib", "mailparser", "sqlalchemy", "alembic", "asyncio")


class _ToStderr(logging.Handler):
    """Writes to what stderr is now, not to what it was when logging was configured."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError, RecursionError):  # a line that can't be written must not stop the work
            self.handleError(record)


def configure(*, json: bool | None = None, level: str = "info") -> None:
    """Send everything, the libraries' lines too, to stderr in one form; `json` None means: unless it is a terminal.

    Can be called again; the last call holds.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    handler = _ToStderr()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_shared(), processors=_last_steps(as_json=as_json))
    )
    root = logging.getLogger()
    root.handlers = [other for other in root.handlers if not isinstance(other, _ToStderr)] + [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of turns that are meant to be left out
    logging.captureWarnings(capture=True)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers are made when modules load, before a face configures
    )


def get_logger(name: str = "helpdesk", **keys: object) -> FilteringBoundLogger:
    """Return a logger whose lines carry the keys."""
    return cast(FilteringBoundLogger, structlog.get_logger(name, **keys))


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _last_steps(*, as_json: bool) -> list[Processor]:
    remove_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if as_json:
        plain_traceback = structlog.processors.format_exc_info
        return [remove_meta, plain_traceback, structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    # structlog's own choice of formatter would print the variables of every frame
    console = structlog.dev.ConsoleRenderer(colors=True, exception_formatter=structlog.dev.plain_traceback)
    return [remove_meta, _printable, console]


def _printable(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Show control characters in values as escapes: a Message-ID must not steer the terminal."""
    shown = {key: ascii(value) for key, value in event.items() if isinstance(value, str) and not value.isprintable()}
    event.update(shown)
    return event
