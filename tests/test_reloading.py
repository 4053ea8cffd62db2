"""A running desk and the files that its admin edits: all or nothing, and nothing half-saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.errors import ConfigurationError
from helpdesk.premises import opened
from helpdesk.services import rulesfile
from tests.desk.rules.test_broken_rules import ROWS, text_of
from tests.reloadable import BROKEN, SETTINGS, Site, running
from tests.services.desk_at_work import RULES as GOOD

OUTAGE = "\nrules:\n  - { name: outage, when: { subject: awari }, then: { priority: 2 } }\n"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(tmp_path) as site:
        yield site


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One desk that gets all the broken files, one after the other."""
    with running(tmp_path_factory.mktemp("site")) as site:
        yield site


def test_an_edit_comes_into_force_and_is_kept(site: Site) -> None:
    site.edit(GOOD + OUTAGE)
    assert site.look_twice() is False
    assert [rule.name for rule in site.premises.desk.rules.rules] == ["outage"]
    assert site.version in site.accepted()


def test_a_file_that_is_still_being_written_is_not_judged(site: Site) -> None:
    before = site.version
    for length in range(100, len(GOOD), 200):  # it grows between any two looks
        site.edit(GOOD[:length])
        assert site.keeper.look() is False
    assert (site.version, site.premises.refused, site.told()) == (before, (), [])
    site.edit(GOOD + OUTAGE)
    site.look_twice()
    assert site.version != before


def test_a_refused_edit_changes_nothing_and_the_admin_is_told_once(site: Site) -> None:
    before = site.version
    site.edit(BROKEN)
    assert site.look_twice() is True
    assert site.version == before
    assert "unknown calendar 'ctw', did you mean 'cwt'?" in str(site.premises.refused[0])
    assert site.refusals() == [str(problem) for problem in site.premises.refused]
    assert site.told() == ["admin@desk.example.org"]
    site.look_twice()
    os.utime(site.rules)  # saved again as it is
    site.look_twice()
    site.keeper.reload()
    assert site.told() == ["admin@desk.example.org"]
    site.edit(BROKEN + "\n# I have no idea")
    site.look_twice()
    assert len(site.told()) == 2


def test_a_corrected_edit_ends_the_refusal(site: Site) -> None:
    site.edit(BROKEN)
    site.look_twice()
    site.edit(GOOD)
    site.look_twice()
    assert (site.premises.refused, site.refusals()) == ((), [])


@pytest.mark.parametrize("row", [pytest.param(row, id=row["id"]) for row in ROWS])
def test_no_broken_file_gets_past_a_running_desk(one_site: Site, row: dict[str, object]) -> None:
    before = one_site.premises.desk
    one_site.edit(text_of(row))
    one_site.keeper.reload()
    assert one_site.premises.desk is before
    assert one_site.premises.refused[0].line == row["line"]


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00v", b"\x00" * 5000, b"", GOOD.encode("utf-16")],
    ids=["no text", "zeros", "empty", "utf-16"],
)
def test_bytes_that_are_no_rules_are_refused(site: Site, content: bytes) -> None:
    before = site.premises.desk
    site.edit(content)
    site.look_twice()
    assert site.premises.desk is before and site.premises.refused


@pytest.mark.parametrize("makes", [os.mkdir, os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_what_is_no_file_is_refused_and_not_waited_for(site: Site, makes: object) -> None:
    before = site.premises.desk
    site.rules.unlink()
    makes(site.rules)  # type: ignore[operator]  # table
    site.look_twice()
    assert site.premises.desk is before
    assert "can't be read" in str(site.premises.refused[0])


def test_a_file_that_is_gone_is_refused(site: Site) -> None:
    site.rules.unlink()
    site.look_twice()
    assert "No such file" in str(site.premises.refused[0])


def test_rules_that_lack_a_mailboxs_queue_are_refused(site: Site) -> None:
    before = site.version
    site.edit(GOOD.replace("  DYNAMICS:", "  DYNAMO:"))
    site.keeper.reload()
    assert site.version == before
    assert "no queue 'DYNAMICS' in the rules, did you mean 'DYNAMO'?" in str(site.premises.refused[0])


def test_rules_whose_samples_fail_are_refused_with_both_results(site: Site) -> None:
    sample = (
        "samples:\n  - { mail: { from: jan@acme.test, to: pomocdynamics@desk.example.org }, expect: { priority: 1 } }"
    )
    site.edit(f"{GOOD}{sample}\n")
    site.keeper.reload()
    said = str(site.premises.refused[0])
    assert "1" in said and "3" in said and "priority" in said


def test_a_template_with_an_unknown_name_refuses_the_reload_naming_its_line(site: Site) -> None:
    before = site.premises.desk
    site.write_template("pl/new/body.txt", "Dzień dobry\n{{ tikcet.key }}\n")
    assert site.look_twice() is True
    assert site.premises.desk is before
    assert str(site.premises.refused[0]).startswith("templates/pl/new/body.txt:2: ")
    site.write_template("pl/new/body.txt", "Dzień dobry, to {{ ticket.key }}\n")
    site.look_twice()
    assert site.premises.refused == ()
    assert site.premises.desk.renderer is not before.renderer


@pytest.mark.parametrize("action", ["template: vipp", "reject: vipp"])
def test_a_rule_that_names_a_template_nobody_wrote_is_refused(site: Site, action: str) -> None:
    kind = "new/" if "template" in action else ""
    site.write_template(f"pl/vip/{kind}body.txt", "VIP")
    rules = f"{GOOD}rules:\n  - {{ name: vip, when: {{ from: jan@acme.test }}, then: {{ {action} }} }}\n"
    site.edit(rules)
    site.keeper.reload()
    assert "'vipp', did you mean 'vip'?" in str(site.premises.refused[0])
    site.edit(rules.replace("vipp", "vip"))
    site.keeper.reload()
    assert site.premises.refused == ()


def test_a_broken_word_in_a_rules_own_template_is_found(site: Site) -> None:
    site.write_template("pl/vip/new/body.txt", "{{ nothing }}")
    site.look_twice()
    assert str(site.premises.refused[0]).startswith("templates/pl/vip/new/body.txt:1: ")


def test_what_nobody_foresaw_refuses_the_edit_and_ends_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    before = site.premises.desk

    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(rulesfile, "accepted_rules", fail)
    site.edit(GOOD + OUTAGE)
    site.look_twice()
    assert site.premises.desk is before
    assert "RecursionError" in str(site.premises.refused[0])
    assert site.told()


def test_a_start_with_a_broken_file_runs_the_last_accepted_one(site: Site) -> None:
    site.edit(GOOD + OUTAGE)
    site.look_twice()
    site.edit(BROKEN)
    with opened(site.config) as premises:
        assert premises.desk.rules.version_hash == site.version
        assert "unknown calendar" in str(premises.refused[0])


def test_a_start_runs_the_last_accepted_rules_if_the_new_ones_lack_a_queue(site: Site) -> None:
    site.edit(GOOD.replace("  DYNAMICS:", "  DYNAMO:"))
    with opened(site.config) as premises:
        assert premises.desk.rules.version_hash == site.version


def test_a_first_start_with_a_broken_file_ends_with_its_sentence(tmp_path: Path) -> None:
    (tmp_path / "helpdesk.toml").write_text(SETTINGS.format(folder=tmp_path))
    (tmp_path / "routing_rules.yaml").write_text(BROKEN)
    with pytest.raises(ConfigurationError, match="did you mean 'cwt'"), opened(tmp_path / "helpdesk.toml"):
        pass
