"""Persons and addresses become pseudonyms: the same for the same, none that can be guessed, nothing else changed."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.tables import TABLES

KEY = b"sixteen bytes or more"
KEYED, DROPPED = Pseudonyms(KEY), Pseudonyms(None)


def pseudonym(kind: str, normal: str) -> str:
    """As the documentation says it is made."""
    return kind[0] + hmac.new(KEY, f"wcsanalytics {kind}\0{normal}".encode(), hashlib.sha256).hexdigest()[:24]


ANN, NUMBER = pseudonym("person", "ann"), pseudonym("person", "49301234567")
HOST, SIX = pseudonym("address", "198.51.100.9"), pseudonym("address", "2001:db8::1")


@pytest.mark.parametrize(
    ("identity", "value", "keyed", "dropped"),
    [
        ("person", "Ann", ANN, "(removed)"),
        ("person", " ANN ", ANN, "(removed)"),
        ("person", "sip:ann@198.51.100.9:5060", f"sip:{ANN}@{HOST}:5060", "sip:(removed)@(removed):5060"),
        ("person", "ann@example.org", f"{ANN}@example.org", "(removed)@example.org"),
        ("person", '"Ann" <sip:ann@example.org>', f'"{ANN}" <sip:{ANN}@example.org>', None),
        ("person", "Ann <sips:ann@example.org>", f"{ANN} <sips:{ANN}@example.org>", None),
        ("person", "+49 (30) 123-4567", NUMBER, "(removed)"),
        ("person", "0049301234567", NUMBER, "(removed)"),
        ("person", "tel:+49301234567", f"tel:{NUMBER}", "tel:(removed)"),
        ("person", "198.51.100.9", HOST, "(removed)"),
        ("person", "", "", ""),
        ("address", "/198.51.100.9:4711/[2001:DB8::1]:8443-4f0c", f"/{HOST}:4711/[{SIX}]:8443-4f0c", None),
        ("address", "/2001:db8:0:0:0:0:0:1:4711/x", f"/{SIX}:4711/x", "/(removed):4711/x"),
        ("address", "::ffff:198.51.100.9", HOST, "(removed)"),
        ("address", "fe80::1%eth0", pseudonym("address", "fe80::1"), "(removed)"),
        ("address", "ip-198-51-100-9.example.org", f"ip-{HOST}.example.org", "ip-(removed).example.org"),
        ("address", "198.051.100.009", HOST, "(removed)"),
        ("address", "Qa1@198.51.100.9", f"Qa1@{HOST}", "Qa1@(removed)"),
        ("address", "10:00:04 1.2.3.4.5 300.1.1.1 127.0.0.1 ::1 std::move", "10:00:04 1.2.3.4.5 300.1.1.1 127.0.0.1 ::1 std::move",
         "10:00:04 1.2.3.4.5 300.1.1.1 127.0.0.1 ::1 std::move"),
        ("mixed", "login=ann at 198.51.100.9", f"login={ANN} at {HOST}", "login=(removed) at (removed)"),
        ("mixed", '{"sipLogin":"ann"} {\\"caller\\":\\"ann\\"}', f'{{"sipLogin":"{ANN}"}} {{\\"caller\\":\\"{ANN}\\"}}', None),
        ("mixed", "call +49 30 1234567 or sip:ann", f"call {NUMBER} or sip:{ANN}", "call (removed) or sip:(removed)"),
        ("mixed", "http://h/a?user=ann&fps=5", f"http://h/a?user={ANN}&fps=5", "http://h/a?user=(removed)&fps=5"),
        ("mixed", "2026-03-14 10:00:04 +0100 took 12:34 of 1773479720301 user: null", None, None),
        ("mixed", "v=0\r\no=ann 123 IN IP4 x", f"v=0\r\no={ANN} 123 IN IP4 x", "v=0\r\no=(removed) 123 IN IP4 x"),
        ("words", "I am Ann", "(removed)", "(removed)"),
        ("nothing", "Chrome/120.0.0.0", "Chrome/120.0.0.0", "Chrome/120.0.0.0"),
        ("json", '{"callee":"ann","to":"ann"}', f'{{"callee":"{ANN}","to":"{ANN}"}}', None),
        ("json", '{"a":[{"phone":49301234567,"n":5}]}', f'{{"a":[{{"n":5,"phone":"{NUMBER}"}}]}}', None),
        ("json", '{"custom":{"login":"string"}}', None, None),
        ("json", '{"clientBrowserVersion":"Chrome/120.0.0.0"}', None, None),
        ("json", '{"devices":[{"label":"iPhone of Ann"}]}', '{"devices":[{"label":"(removed)"}]}', None),
        ("json", '{"198.51.100.9":1}', f'{{"{HOST}":1}}', '{"(removed)":1}'),
        ("json", "not JSON of 198.51.100.9", f"not JSON of {HOST}", "not JSON of (removed)"),
    ],
)  # fmt: skip
def test_persons_and_addresses_are_replaced(identity, value, keyed, dropped) -> None:
    assert KEYED.of(value, identity) == (value if keyed is None else keyed)
    if dropped is not None:
        assert DROPPED.of(value, identity) == dropped


def test_an_hls_id_that_hides_an_address_is_seen_through() -> None:
    shown = KEYED.of("x-" + b"rtsp://198.51.100.9/cam".hex() + "-HLS", "address")

    assert bytes.fromhex(shown[2:-4]).decode() == f"rtsp://{HOST}/cam"


def test_another_key_gives_other_pseudonyms_and_a_person_is_no_address() -> None:
    assert Pseudonyms(b"another key of some length").person("ann") != ANN
    assert ANN[1:] != pseudonym("address", "ann")[1:]
    assert len(bytes.fromhex(ANN[1:])) * 8 == 96


@given(st.sampled_from(["person", "address", "mixed", "json"]), st.text() | st.from_regex(r"[a@:.<>\"0-9 +-]{0,40}"))
def test_nothing_changes_twice(identity, value) -> None:
    once = KEYED.of(value, identity)

    assert KEYED.of(once, identity) == once


@given(st.ip_addresses(), st.sampled_from(["at {}:5060 since 10:00", "{}", "rtsp://{}/x", "[{}]", "from={};"]))
def test_no_address_is_left_in_any_text(address, around) -> None:
    of_nobody = address.is_loopback or address.is_unspecified or getattr(address, "ipv4_mapped", None) is not None

    assert of_nobody or str(address) not in KEYED.mixed(around.format(address))


def test_what_was_looked_for_may_have_become_many_things() -> None:
    assert KEYED.forms("ann@198.51.100.9") == ("ann@198.51.100.9", f"{ANN}@{HOST}", f"ann@{HOST}")
    assert KEYED.forms("Ann") == ("Ann", ANN)


HINTS = ("login", "user_id", "caller", "callee", "phone", "mail", "address", "sender", "recipient", "visible", "target")


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_columns_that_sound_like_persons_are_declared(table) -> None:
    texts = [column for column in table.columns if column.type == "text"]

    assert [
        column.name
        for column in texts
        if any(hint in column.name for hint in HINTS) and column.tells_of() in ("nothing", "words")
    ] == []
