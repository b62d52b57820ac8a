"""What stands in a capture reaches a page, a sheet or a terminal as letters, never as orders."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics import inert

ANY_TEXT = st.text(st.characters(categories=None, exclude_categories=()))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hall-7 – Übung 会議 🎥", "hall-7 – Übung 会議 🎥"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("nul\x00 del\x7f csi\x9b nel\x85", r"nul\x00 del\x7f csi\x9b nel\x85"),
        ("abc\u202egpj.exe\u2066x\u200f", r"abc\u202egpj.exe\u2066x\u200f"),
        ("line\u2028paragraph\u2029", r"line\u2028paragraph\u2029"),
        ("half \ud800 of a pair", r"half \ud800 of a pair"),
    ],
)
def test_terminal_shows_what_it_would_obey(text: str, shown: str) -> None:
    assert inert.terminal(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload='x'", "&quot; onload=&#x27;x&#x27;"),
        ("a & b ]]>", "a &amp; b ]]&gt;"),
        ("two\nlines", r"two\nlines"),
    ],
)
def test_html_has_no_markup_left(text: str, shown: str) -> None:
    assert inert.html(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("`code` *bold* _soft_ ~~gone~~", r"\`code\` \*bold\* \_soft\_ \~\~gone\~\~"),
        ("snake_case stays", "snake_case stays"),
        ("[click](javascript:alert(1))", r"\[click\](javascript:alert(1))"),
        ("![x](http://example.org/x.png)", r"!\[x\](http://example.org/x.png)"),
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("&lt;", "&amp;lt;"),
        ("one\n| two |", r"one\\n\| two \|"),
        ("$x^2$ {{7*7}}", r"\$x^2\$ \{\{7\*7\}\}"),
        ("# head", r"\# head"),
        ("- point", r"\- point"),
        ("1. point", r"1\. point"),
        ("-9.8 %", "-9.8 %"),
        ("1.5 s", "1.5 s"),
    ],
)
def test_markdown_has_no_markup_left(text: str, shown: str) -> None:
    assert inert.markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30 1234", "'+49 30 1234"),
        ("-rf", "'-rf"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", r"'\t=1"),
        ("\r=1", r"'\r=1"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_csv_has_no_formula_left(text: str, shown: str) -> None:
    assert inert.csv(text) == shown


def test_json_is_escaped_without_loss() -> None:
    assert inert.json('{\n"a": "\u202e\x9b\ud800"\n}') == '{\n"a": "\\u202e\\u009b\\ud800"\n}'


@given(ANY_TEXT)
def test_no_control_character_survives_any_output(text: str) -> None:
    for shown in (inert.terminal(text), inert.html(text), inert.markdown(text), inert.csv(text)):
        assert {unicodedata.category(letter) for letter in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})
        assert {unicodedata.bidirectional(letter) for letter in shown}.isdisjoint(
            {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
        )


@given(ANY_TEXT)
def test_terminal_and_csv_change_nothing_twice(text: str) -> None:
    assert inert.terminal(inert.terminal(text)) == inert.terminal(text)
    assert inert.csv(inert.csv(text)) == inert.csv(text)


@given(st.text())
def test_json_means_the_same_afterwards(text: str) -> None:
    assert json.loads(inert.json(json.dumps(text, ensure_ascii=False))) == text


@given(ANY_TEXT)
def test_html_leaves_no_bracket_or_quote(text: str) -> None:
    assert not set(inert.html(text)) & set("<>\"'")
