"""Every letter as files to look at: `python -m helpdesk.adapters.previews FOLDER [TEMPLATES]`.

For the admin who edits templates, before a customer sees them (docs/templates.md).
"""

from __future__ import annotations

import sys
from pathlib import Path

from helpdesk.adapters.sample_letters import sample_letters
from helpdesk.adapters.templates import TemplateRenderer
from helpdesk.desk.terms import NotificationKind


def write_previews(renderer: TemplateRenderer, folder: Path) -> list[Path]:
    """Write each sample as `<language>-<kind>-<n>.txt` (subject first) and `.html`; return the paths.

    Raises TemplateError for the first template that fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for language in renderer.languages():
        for kind in NotificationKind:
            for number, letter in enumerate(sample_letters(kind, language), start=1):
                content = renderer.render(letter)
                for suffix, words in ((".txt", f"{content.subject}\n\n{content.text}"), (".html", content.html)):
                    path = folder / f"{language}-{kind.value}-{number}{suffix}"
                    path.write_text(words, encoding="utf-8")
                    written.append(path)
    return written


def main(arguments: list[str]) -> int:
    """Write the previews; return the exit code, 1 if a template is wrong."""
    if not 1 <= len(arguments) <= 2:
        sys.stderr.write("usage: python -m helpdesk.adapters.previews FOLDER [TEMPLATES]\n")
        return 2
    renderer = TemplateRenderer([Path(each) for each in arguments[1:]])
    problems = renderer.check()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    if problems:
        return 1
    written = write_previews(renderer, Path(arguments[0]))
    sys.stdout.write(f"{len(written)} files in {arguments[0]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
