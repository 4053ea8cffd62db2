"""A ticket as a person reads it on a terminal."""

from __future__ import annotations

from typing import Any

from helpdesk.cli.output import shown, visible
from helpdesk.desk.rights import Ground
from helpdesk.desk.sentences import say

_FACTS = (
    ("state", "state"),
    ("priority", "priority"),
    ("kind", "kind"),
    ("queue", "queue"),
    ("requester", "requester"),
    ("organisation", "organisation"),
    ("plan", "plan"),
    ("assignee", "assignee"),
    ("tags", "tags"),
    ("delivered_at", "delivered"),
    ("received_at", "counts as received"),
    ("react_by", "react by"),
    ("reacted_at", "reacted"),
    ("waiting_since", "customer waits since"),
)


def print_ticket(ticket: dict[str, Any]) -> None:
    """Print a ticket: facts, then what was said, then what happened."""
    from rich.console import Console

    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(f"{ticket['key']}  {visible(ticket['subject'])}", style="bold")
    for key, label in _FACTS:
        if ticket[key] not in (None, [], ""):
            console.print(f"  {label:<21} {visible(ticket[key])}")
    others = [person for person in ticket["participants"] if person["addr"] != ticket["requester"]["addr"]]
    if others:
        console.print(f"  {'takes part':<21} {visible(shown(others))}")
    for link in ticket["linked"]:
        console.print(f"  {'linked':<21} {link['key']}: {visible(link['why'])}")
    for comment in ticket["comments"]:
        _print_comment(console, comment)
    console.print("\nhistory", style="bold")
    for line in ticket["history"]:
        change = " → ".join(visible(value) for value in (line["from"], line["to"]) if value)
        parts = (visible(line["at"]), visible(line["event"]), change, visible(line["by"]), visible(line["reason"]))
        console.print("  " + "  ".join(part for part in parts if part))


def _print_comment(console: Any, comment: dict[str, Any]) -> None:
    marks = [word for word in (comment["visibility"], comment["standing"]) if word not in ("public", "confirmed")]
    head = f"\n#{comment['id']}  {visible(comment['author'])}  {visible(comment['delivered_at'])}"
    console.print(head + (f"  ({', '.join(marks)})" if marks else ""), style="bold")
    if comment["standing_reason"]:
        console.print(f"  [{say(Ground(comment['standing_reason']))}]")
    console.print(visible(comment["new_text"], breaks=True).rstrip())
    for file in comment["attachments"]:
        console.print(f"  [{visible(file['name'])}, {file['type']}, {file['size']} bytes]")
