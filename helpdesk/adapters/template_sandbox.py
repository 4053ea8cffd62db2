"""Where an admin's templates run: Jinja's sandbox, made quick for what our own letters do most, and the code it shares.

Used by `adapters.templates` alone.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from types import CodeType
from typing import Any

from jinja2.bccache import Bucket, BytecodeCache
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.desk.commands import Refusal
from helpdesk.desk.letter import Change, DeskIdentity, Enclosure, QueueFacts, TicketFacts, Utterance
from helpdesk.desk.report import CommandReport, Found
from helpdesk.desk.terms import Guarantee, Person
from helpdesk.desk.visit import VisitFacts

_FACTS = frozenset(
    {
        Change,
        CommandReport,
        DeskIdentity,
        Enclosure,
        Found,
        Guarantee,
        Person,
        QueueFacts,
        Refusal,
        TicketFacts,
        Utterance,
        VisitFacts,
    }
)
_PUBLIC = {kind: frozenset(name for name in dir(kind) if not name.startswith("_")) for kind in (*_FACTS, LoopContext)}


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, quicker with our own facts: they are frozen values, and nothing public in them can do harm.

    Nor can it in Jinja's own loops, macros and imported templates.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        kind = type(obj)
        known = obj.__dict__ if kind is TemplateModule else _PUBLIC.get(kind, ())
        if attribute in known and attribute[0] != "_":
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(obj) is Macro:  # Jinja's own: what it does is looked at where it does it
            kwargs.pop("_block_vars", None)  # as Context.call does it, for what asks for the context; no macro does
            kwargs.pop("_loop_vars", None)
            return obj(context.eval_ctx, *args, **kwargs)
        return super().call(context, obj, *args, **kwargs)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the environment's own for a template that has none: a chain of mappings is slow to look through."""
        return super().make_globals(d) if d else self.globals


class Compiled(BytecodeCache):
    """What templates were compiled to, for all languages and zones: these differ in their filters alone."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, object], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.environment.autoescape))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.environment.autoescape] = bucket.code
