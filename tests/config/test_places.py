"""Every form of TOML has its line."""

import tomllib

import pytest

from helpdesk.config.places import KeyPath, key_lines


def keys_of(value: object, path: KeyPath = ()) -> set[KeyPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {key for name, item in items for key in keys_of(item, (*path, name))}


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        pytest.param("a = 1\nb = 2", ("b",), 2, id="plain"),
        pytest.param("a.b.c = 1", ("a", "b", "c"), 1, id="dotted"),
        pytest.param("[a]\n\n# b = 1\nb = 2", ("a", "b"), 4, id="comment"),
        pytest.param("[ a . b ]\nc = 1", ("a", "b", "c"), 2, id="blanks-in-header"),
        pytest.param('["x y".\'z\']\n"k" = 1', ("x y", "z", "k"), 2, id="quoted"),
        pytest.param("a = { b = 1, c = { d = 2 } }\n", ("a", "c", "d"), 1, id="inline-tables"),
        pytest.param("a = [\n 1, # one ]\n [2,\n 3],\n]\nb = 1", ("a", 1, 1), 4, id="arrays"),
        pytest.param("a = [{ k = 1 },\n{ k = 2 }]", ("a", 1, "k"), 2, id="tables-in-array"),
        pytest.param('a = """\n[b]\nc = 1\n"""\nd = 1', ("d",), 5, id="long-text"),
        pytest.param("a = '''\n\\'''\nb = \"#\"\nc = 1", ("c",), 4, id="literal-text"),
        pytest.param('a = "\\"]"\nb = 1', ("b",), 2, id="escaped-quote"),
        pytest.param("[[a]]\nk = 1\n[[a]]\nk = 2", ("a", 1, "k"), 4, id="array-of-tables"),
        pytest.param("a = 2026-11-20 10:00:00\nb = 1979-05-27", ("b",), 2, id="dates"),
        pytest.param("a = 1 # not b = 2\nb = 3\n[c]", ("c",), 3, id="comment-behind-a-value"),
    ],
)
def test_a_key_has_its_line_and_no_key_is_missed(text: str, path: KeyPath, line: int) -> None:
    lines = key_lines(text)

    assert lines[path] == line
    assert lines.keys() == keys_of(tomllib.loads(text)) - {()}
