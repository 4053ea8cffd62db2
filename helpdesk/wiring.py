"""Settings into adapters: the same for the daemon, `check` and every command that talks to a server.

The only place where an account of helpdesk.toml becomes an `ImapMailbox` or `SmtpTransport`.
"""

from __future__ import annotations

from pathlib import Path

import helpdesk
from helpdesk.adapters.templates import TemplateRenderer, shipped_templates
from helpdesk.config import Settings

__all__ = ["make_renderer", "shipped_rules", "shipped_templates"]


def shipped_rules() -> Path:
    """Return the routing_rules.yaml that comes with the program: in the package, or beside it in a checkout."""
    package = Path(helpdesk.__file__).parent
    installed = package / "shipped" / "routing_rules.yaml"
    return installed if installed.is_file() else package.parent / "routing_rules.yaml"


def make_renderer(settings: Settings) -> TemplateRenderer:
    """Return the renderer of the desk's templates; the shipped ones stand in for what is missing."""
    return TemplateRenderer([settings.templates] if settings.templates else [])
