"""A folder of odd and hostile mails through a whole desk: `python -m tests.whole.hostile FOLDER --scorer FILE`.

Not run by pytest. FOLDER holds `expect.jsonl`, the mails and `desk/` (settings and rules that the mails were written
to); FILE is the program that scores `helpdesk parse` on them: its checks are asked about what stands in the database
after one `helpdesk run --once` on real servers. Prints what deviates, and the figures; exit code 1 if anything does.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from helpdesk.desk.terms import Disposition, EntryState
from helpdesk.mail.describe import COARSE
from helpdesk.mail.identifiers import base_subject
from helpdesk.mail.message import MessageKind
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.sink import Sink
from tests.servers.tls import Authority
from tests.whole.ordeal import REFUSED, Fate, Run, broken_letters, digest, fates, run_once

MOST_MEMORY = 400  # megabytes
DISPOSITIONS = {  # what may become of each coarse kind
    "message": {"opened", "commented"},
    "autoreply": {"recorded", "opened"},
    "bounce": {"recorded"},
    "list": {"opened", "commented"},
    "loop": {"discarded"},
}
ASKED_OF_DATABASE = ("from_addr", "text_contains", "text_not_contains", "new_text_contains", "new_text_not_contains")
ASKED_OF_COMMENT = ("html_not_contains", "attachments", "attachment_names_safe")


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", type=Path)
    given.add_argument("--scorer", type=Path, required=True)
    options = given.parse_args()
    spec = importlib.util.spec_from_file_location("scorer", options.scorer)
    assert spec is not None
    assert spec.loader is not None
    scorer = sys.modules["scorer"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    cases = [json.loads(line) for line in (options.folder / "expect.jsonl").read_text(encoding="utf-8").splitlines()]
    cases = [case for case in cases if (options.folder / case["file"]).is_file()]
    world = json.loads((options.folder / "world.json").read_text(encoding="utf-8"))
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        stage = _Stage(Path(scratch), options.folder)
        try:
            while cases:  # a mail that is another's copy has to show itself on a desk that doesn't know that one
                found, more = stage.play(cases, world)
                faults += more
                faults += [
                    f"{case['file']}: {each}" for case in cases for each in _of(found[case["id"]], case, scorer, world)
                ]
                again = [case for case in cases if _is_copy(found[case["id"]])]
                cases = again if len(again) < len(cases) else []
        finally:
            stage.close()
    print(*faults, f"{len(faults)} deviations", sep="\n")
    return 1 if faults else 0


def _is_copy(found: list[Fate]) -> bool:
    return [fate.entry.disposition for fate in found] == [Disposition.DUPLICATE]


class _Stage:
    """The servers, and a new desk for each play."""

    def __init__(self, scratch: Path, folder: Path) -> None:
        self.scratch, self.folder, self.plays = scratch, folder, 0
        self.authority = Authority.create(scratch)
        self.dovecot = Dovecot(self.authority)
        self.dovecot.start()

    def close(self) -> None:
        self.dovecot.close()

    def play(self, cases: list[dict[str, Any]], world: dict[str, Any]) -> tuple[dict[str, list[Fate]], list[str]]:
        """Send the mails through a desk; return their fates by case, and what was wrong with the run as a whole."""
        self.plays += 1
        place = self.scratch / str(self.plays)
        shutil.copytree(self.folder / "desk", place)
        url, user = f"sqlite:///{place / 'helpdesk.db'}", self.dovecot.new_user()
        raws = {case["id"]: (self.folder / case["file"]).read_bytes() for case in cases}
        self.dovecot.maildir(user).deliver_many(raws.values())
        with Sink(self.authority.server_context()) as sink:
            run = run_once(_settings(place, self.dovecot, user, sink, url))
            copies = sink.copies
        left = len(self.dovecot.maildir(user).mails())
        by_digest = fates(url)
        faults = [f"the run ended with {run.code}"] if run.code else []
        faults += [f"{left} mails are still in the mailbox"] if left else []
        faults += [f"{run.peak:.0f} MB at the peak"] if run.peak >= MOST_MEMORY else []
        faults += broken_letters(copies, world["own_addresses"])
        _print(run, [fate for each in by_digest.values() for fate in each], len(copies))
        return {name: by_digest.get(digest(raw), []) for name, raw in raws.items()}, faults


def _print(run: Run, found: list[Fate], copies: int) -> None:
    print(f"{len(found)} mails: {run.peak:.0f} MB at the peak, {run.seconds:.1f} s of processor time")
    print("  dispositions:", dict(Counter(str(fate.entry.disposition) for fate in found)))
    print("  kinds:", dict(Counter(fate.entry.message_kind for fate in found)))
    print("  letters:", dict(Counter(f"{one.notification} {one.state}" for fate in found for one in fate.letters)))
    print("  in the sink:", copies)


def _settings(desk: Path, dovecot: Dovecot, user: str, sink: Sink, url: str) -> dict[str, str]:
    """Return the environment of a desk with these settings, on our servers, and with room for every acknowledgement."""
    (desk / "imap.secret").write_text(PASSWORD)
    (desk / "imap.secret").chmod(0o600)
    (desk / "secret.key").chmod(0o600)
    mailbox = {
        "HOST": "localhost",
        "PORT": str(dovecot.tls_port),
        "SECURITY": "tls",
        "CA_FILE": str(dovecot.ca_file),
        "USERNAME": user,
        "PASSWORD__FILE": str(desk / "imap.secret"),
    }
    limits = ("STRANGER_PER_HOUR", "STRANGER_PER_DAY", "DOMAIN_PER_HOUR", "STRANGERS_PER_HOUR")
    return {
        **os.environ,
        "HELPDESK_CONFIG": str(desk / "helpdesk.toml"),
        "HELPDESK_DATABASE__URL": url,
        "HELPDESK_SMTP__HOST": "127.0.0.1",
        "HELPDESK_SMTP__PORT": str(sink.port),
        **{f"HELPDESK_MAILBOX__DYNAMICS__{key}": value for key, value in mailbox.items()},
        **{f"HELPDESK_MAILBOX__PROPHIX__{key}": value for key, value in mailbox.items()},
        "HELPDESK_MAILBOX__PROPHIX__USERNAME": dovecot.new_user(),
        **{f"HELPDESK_LIMITS__{key}": "10000" for key in limits},
    }


def _of(found: list[Fate], case: dict[str, Any], scorer: ModuleType, world: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the fate of one mail."""
    if len(found) != 1:
        yield f"{len(found)} journal entries"
        return
    if _is_copy(found):
        return
    [fate] = found
    entry, expect = fate.entry, case["expect"]
    if entry.state is not EntryState.PROCESSED and expect["ok"] == [True]:
        yield f"{entry.state}: {entry.failure.splitlines()[-1:] or entry.reason}"
    wanted = expect.get("kind")
    kind = COARSE.get(MessageKind(entry.message_kind), "message") if entry.message_kind else "message"
    if wanted is not None and kind not in scorer.options(wanted):
        yield f"kind: wanted {wanted}, got {kind}"
    if str(entry.disposition) not in DISPOSITIONS[kind] | {"shunted"}:
        yield f"{kind} was {entry.disposition} ({entry.reason})"
    yield from _of_words(expect, fate, scorer)
    yield from _of_answers(fate, kind, world)


def _of_words(expect: dict[str, Any], fate: Fate, scorer: ModuleType) -> Iterator[str]:
    """Yield what is wrong with the ticket and the comment that the mail became."""
    if fate.ticket is None or fate.comment is None:
        return
    row = {
        "subject": fate.ticket.subject,
        "from": {"name": fate.comment.author_name, "addr": fate.comment.author_addr},
        "text": fate.comment.text,
        "new_text": fate.comment.new_text,
        "html": fate.comment.html,
        "attachments": [
            {"name": one.name, "type": one.type, "size": one.size, "inline": one.inline} for one in fate.attachments
        ],
        "ok": True,
    }
    if fate.entry.state is EntryState.SHUNTED:
        return
    for name in (*ASKED_OF_DATABASE, *ASKED_OF_COMMENT):
        if name in expect:
            yield from scorer.check_field(name, expect[name], row)
    if "subject" in expect:
        wanted = [base_subject(str(each)) for each in scorer.options(expect["subject"])]
        if not any(scorer.same(row["subject"], each) for each in [*wanted, *scorer.options(expect["subject"])]):
            yield f"subject: wanted {wanted!r:.160}, got {row['subject']!r:.160}"
    yield from (f"control character in {name}" for name in ("subject",) if scorer.control(row[name]))


def _of_answers(fate: Fate, kind: str, world: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the letters that the mail caused."""
    author = fate.comment.author_addr if fate.comment else ""
    staff = {*world["own_addresses"], *world["consultants"]}
    if kind != "message" and fate.acknowledged:
        yield f"a {kind} was answered: {fate.acknowledged}"
    asked = kind == "message" and author and author not in staff and str(fate.entry.disposition) == "opened"
    refused = {one.recipient for one in fate.letters if one.reason in REFUSED}
    if asked and fate.acknowledged | refused != {author}:
        yield f"acknowledged {fate.acknowledged or 'nobody'}, not {author!r:.100}"
    if fate.acknowledged & staff:
        yield f"our own people were acknowledged: {fate.acknowledged & staff}"


if __name__ == "__main__":
    sys.exit(main())
