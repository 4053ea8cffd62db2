"""What was read as routing_rules.yaml: the versions accepted, and the contents refused."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from helpdesk.store.tables.base import JSON, Row


class RulesVersionRow(Row, table=True):
    """A version of routing_rules.yaml that was accepted."""

    __tablename__ = "rules_version"
    digest: str = Field(primary_key=True)
    text: str
    accepted_at: datetime


class RulesRefusalRow(Row, table=True):
    """A content of routing_rules.yaml, with its templates, that was refused: the admin is told of each once."""

    __tablename__ = "rules_refusal"
    digest: str = Field(primary_key=True)
    problems: list[str] = Field(default_factory=list, sa_type=JSON)
    refused_at: datetime
    standing: bool = True  # false once a later edit was accepted
