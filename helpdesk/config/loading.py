"""From helpdesk.toml and the environment to `Settings`, or to the list of all that is wrong with them."""

from __future__ import annotations

import os
import re
import tomllib
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from helpdesk.config.origin import Origin
from helpdesk.config.places import KeyPath, key_lines
from helpdesk.config.problems import nearest, problems_of
from helpdesk.config.secrets import KINDS
from helpdesk.config.settings import Settings, secrets_in
from helpdesk.errors import ConfigurationError, Problem

PREFIX = "HELPDESK_"
_SQLITE = "sqlite:///"
Table = dict[str, Any]


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings of the file; None means HELPDESK_CONFIG, else helpdesk.toml here. The environment wins.

    Relative paths, those of variables too, are relative to the file's directory.
    Raises ConfigurationError with everything that is wrong, each with its line or variable.
    """
    file = (path or Path(os.environ.get("HELPDESK_CONFIG") or "helpdesk.toml")).expanduser().absolute()
    text = _read(file)
    table = _parse(file, text)
    origin = Origin(file, key_lines(text), _variables(table))
    merged = _anchored(_merged(table, _environment(table)), file.parent)
    settings, problems = _validated(merged, origin)
    if settings is None or problems:
        raise ConfigurationError(problems)
    settings._origin = origin
    for key, secret in secrets_in(settings, ()):
        secret.written_at(partial(settings.problem, key))
    return settings


def _validated(table: Table, origin: Origin) -> tuple[Settings | None, list[Problem]]:
    strange = _strange_variables()
    try:
        return Settings(**table), strange
    except ValidationError as error:  # goes no further than this: it holds what was written
        return None, problems_of(error, Settings, origin) + strange


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigurationError([Problem(str(file), line, 0, "", "is not UTF-8 text")]) from None
    except FileNotFoundError:
        cure = "there is no such file: `helpdesk init` writes one, --config FILE or HELPDESK_CONFIG names another"
        raise ConfigurationError([Problem(str(file), 0, 0, "", cure)]) from None
    except OSError as error:
        raise ConfigurationError([Problem(str(file), 0, 0, "", f"can't be read: {error.strerror}")]) from None


def _parse(file: Path, text: str) -> Table:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, place = str(error), re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (text.rstrip().count("\n") + 1, 0)
        sentence = f"not valid TOML: {message[: place.start()] if place else message}"
        raise ConfigurationError([Problem(str(file), line, column, "", sentence)]) from None


def _variables(table: Table) -> dict[KeyPath, str]:
    """Return the key that each of our variables sets, mailboxes in the file's spelling."""
    names = [name for name in os.environ if name.startswith(PREFIX)]
    paths = {name: name.removeprefix(PREFIX).lower().split("__") for name in names}
    return {_in_files_spelling(path, table): name for name, path in paths.items() if path[0] in Settings.model_fields}


def _in_files_spelling(path: list[str], table: Table) -> KeyPath:
    """Variables have no case: HELPDESK_MAILBOX__ERP__HOST means [mailbox.Erp] if that is how the file writes it."""
    if path[0] != "mailbox" or len(path) == 1:
        return tuple(path)
    written = table.get("mailbox")
    spelling = {name.lower(): name for name in written} if isinstance(written, dict) else {}
    return ("mailbox", spelling.get(path[1], path[1]), *path[2:])


def _strange_variables() -> list[Problem]:
    """Refuse HELPDESK_DATABSE__URL, but not HELPDESK_PORT: container platforms invent names of one part."""
    heads = {name: name.removeprefix(PREFIX).partition("__")[0].lower() for name in os.environ if "__" in name}
    return [
        Problem("environment", 0, 0, name, f"unknown key {head!r}, {nearest(head, Settings.model_fields)}")
        for name, head in heads.items()
        if name.startswith(PREFIX) and head not in Settings.model_fields
    ]


def _environment(table: Table) -> Table:
    """Return what the environment sets, nested like the file."""
    try:
        found: Table = EnvSettingsSource(Settings)()
    except SettingsError as error:
        name = re.search(r'field "(\w+)"', str(error))
        variable = f"{PREFIX}{name[1].upper()}" if name else PREFIX
        raise ConfigurationError([Problem("environment", 0, 0, variable, "must be JSON")]) from None
    if isinstance(found.get("mailbox"), dict):
        found["mailbox"] = {str(_in_files_spelling(["mailbox", n], table)[1]): v for n, v in found["mailbox"].items()}
    return found


def _merged(lower: Table, upper: Table) -> Table:
    """Return both tables in one, `upper` winning key by key; a secret's place is replaced, not mixed."""
    if any(kind in upper for kind in KINDS):
        lower = {key: value for key, value in lower.items() if key not in KINDS}
    return lower | {key: _winner(lower.get(key), value) for key, value in upper.items()}


def _winner(lower: Any, upper: Any) -> Any:
    return _merged(lower, upper) if isinstance(lower, dict) and isinstance(upper, dict) else upper


def _anchored(table: Table, base: Path) -> Table:
    """Return the settings with every relative path made absolute from `base`, the defaults' too."""
    paths = {key: table[key] for key in ("rules", "templates", "state") if key in table}
    database = table.get("database", {})
    if isinstance(database, dict):
        database = {**database, "url": _anchored_url(database.get("url", f"{_SQLITE}helpdesk.db"), base)}
    anchored: Table = _anchored_files(table, base)
    return (
        anchored
        | {"rules": base / "routing_rules.yaml"}
        | {key: _absolute(value, base) for key, value in paths.items()}
        | {"database": _anchored_files(database, base)}
    )


def _anchored_files(value: Any, base: Path) -> Any:
    """Walk down to every `file` and `ca_file`."""
    if isinstance(value, list):
        return [_anchored_files(item, base) for item in value]
    if not isinstance(value, dict):
        return value
    return {k: _absolute(v, base) if k in ("file", "ca_file") else _anchored_files(v, base) for k, v in value.items()}


def _absolute(value: Any, base: Path) -> Any:
    return str(base / Path(value).expanduser()) if isinstance(value, str) and value else value


def _anchored_url(url: Any, base: Path) -> Any:
    if not isinstance(url, str) or not url.startswith(_SQLITE) or url in (_SQLITE, f"{_SQLITE}:memory:"):
        return url
    return f"{_SQLITE}{base / url.removeprefix(_SQLITE)}"
