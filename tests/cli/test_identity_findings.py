"""`helpdesk check` says how far the desk can know who writes, and what would make it surer."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpdesk.cli.findings import Finding, Mark
from helpdesk.cli.identity_findings import identity_findings
from helpdesk.config import load_settings
from helpdesk.wiring import read_rules

WITNESS = 'authentication = { profile = "rfc8601", authserv_id = "mx.example.org" }'
TOML = """\
instance = "desk.example.org"
{secret}
[smtp]
host = "127.0.0.1"
port = 1
security = "plain"
[mailbox.crm]
host = "127.0.0.1"
port = 1
security = "plain"
username = "crm"
password = {{ file = "secret.key" }}
queue = "CRM"
subaddressing = {subaddressing}
{witness}
"""
RULES = """\
version: 1
calendars: {{ always: {{ hours: always }} }}
queues:
  CRM: {{ prefix: CRM, addresses: [{address}], calendar: always }}
organisations:
  ACME: {{ domains: [acme.test], others: ask_contact{contacts} }}
"""


def findings(
    folder: Path,
    *,
    secret: bool = True,
    subaddressing: bool = True,
    witness: str = WITNESS,
    address: str = "crm@example.org",
    contacts: str = ", contacts: [jan@acme.test]",
) -> list[Finding]:
    """Return what is said of a desk with these settings; by default nothing could be better."""
    (folder / "secret.key").write_text("k" * 44)
    (folder / "secret.key").chmod(0o600)
    key = 'secret = { file = "secret.key" }' if secret else ""
    text = TOML.format(secret=key, subaddressing=str(subaddressing).lower(), witness=witness)
    (folder / "helpdesk.toml").write_text(text)
    (folder / "routing_rules.yaml").write_text(RULES.format(address=address, contacts=contacts))
    settings = load_settings(folder / "helpdesk.toml")
    return list(identity_findings(settings, read_rules(settings)))


def test_a_desk_that_can_know_everybody_is_told_so(tmp_path: Path) -> None:
    assert [one.result for one in findings(tmp_path)] == [Mark.OK]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"witness": ""}, "authentication profile none"),
        ({"subaddressing": False}, "no sub-addressing"),
        ({"address": f"{'x' * 31}@example.org"}, "longer than 30"),
        ({"address": "crm+helpdesk@example.org"}, "has a + in it"),
        ({"contacts": ""}, "no contact to ask"),
    ],
    ids=["profile none", "no sub-addressing", "a long box name", "a plus in the box name", "nobody to ask"],
)
def test_each_weakness_is_a_warning_with_its_cure(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    [found] = findings(tmp_path, **changes)  # type: ignore[arg-type]  # each has the type of its parameter
    assert found.result is Mark.WARNING
    assert said in found.detail
    assert found.cure


def test_a_desk_without_keys_is_not_told_of_sub_addressing_which_would_not_help(tmp_path: Path) -> None:
    assert [one.result for one in findings(tmp_path, secret=False, subaddressing=False)] == [Mark.OK]
