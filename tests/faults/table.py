"""The table of cases in docs/reliability.md, made of the tests: `python -m tests.faults.table` prints it.

A case is done when a test bears its number; what RELIABILITY demands and no test shows is listed as open.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- cases: begin -->", "<!-- cases: end -->"
CASES = [
    *("I-01", "I-03", "I-04", "I-06", "I-07", "I-09", "I-10", "I-12"),
    *("M-01", "M-03", "M-04", "M-06", "M-07", "M-09", "M-10", "M-12"),
    *("D-01", "D-03", "D-04", "D-06", "D-07", "D-09"),
    *("C-01", "C-03", "C-04", "C-06", "C-07", "C-09", "C-10"),
    *("T-02", "T-03", "T-05", "T-06", "T-08", "O-01", "O-03", "O-04", "O-06", "G-01", "G-03", "G-04", "G-06"),
]
_NAME = re.compile(r"test_([IMDCTOG])_(\d\d)_(.+)")


def tests_by_case() -> dict[str, list[tuple[str, str]]]:
    """Return, by case, what its tests show and where they stand."""
    found: dict[str, list[tuple[str, str]]] = {case: [] for case in CASES}
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and (match := _NAME.fullmatch(node.name)):
                found.setdefault(f"{match[1]}-{match[2]}", []).append((match[3].replace("_", " "), file.name))
    return found


def table() -> str:
    """Return the table in Markdown."""
    lines = ["| case | outcome | test |", "| --- | --- | --- |"]
    for case, tests in tests_by_case().items():
        lines += [f"| {case} | {shown} | `tests/faults/{file}` |" for shown, file in tests]
        if not tests:
            lines.append(f"| {case} | *open: no test shows it yet* | |")
    return "\n".join(lines)


if __name__ == "__main__":
    text = DOCUMENT.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")
