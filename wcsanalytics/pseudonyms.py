"""Persons and network addresses out of values: replaced by keyed pseudonyms, or taken out.

A pseudonym is a letter that tells its kind and 96 bits of an HMAC-SHA-256 over the kind and the normalised value, so
that what was equal stays equal and can be joined, while nobody without the key can try out all telephone numbers.
Every function here looks at one value alone: what comes out does not depend on what was read before.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import re
from functools import cache
from typing import Any, Literal

from wcsanalytics.tables import TABLES, Identity

Kind = Literal["person", "address"]
REMOVED = "(removed)"
HEX_DIGITS = 24
KEPT_ADDRESSES = frozenset({"127.0.0.1", "0.0.0.0", "::1", "::"})  # noqa: S104 - nothing is bound to these
JSON_TYPES = frozenset({"string", "number", "boolean"})
"""What stands for the values of application data of which only keys and types are kept."""

_MARKS = {"person": "p", "address": "a"}
_OCTET = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_IPV4 = re.compile(rf"(?<!\d)(?<!\d\.){_OCTET}(?:\.{_OCTET}){{3}}(?!\d)(?!\.\d)")
_IPV4_IN_HOST = re.compile(rf"(?i)(?<![0-9a-z])(ip-)({_OCTET}(?:-{_OCTET}){{3}})(?!\d)")
_IPV6 = re.compile(
    r"(?<![0-9A-Za-z:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,9}(?:(?:\.\d{1,3}){3})?(?:%[0-9A-Za-z]{1,15})?"
)
_PORT = re.compile(r":\d{1,5}$")
_AT_HOST = re.compile(
    r"(?<![\w.+%*-])([\w.+%*-]{1,64})(@(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}|\[[0-9A-Fa-f:.]{2,45}\]))"
)
_SCHEME = re.compile(
    r"(?i)\b((?:sips?|tel|mailto|xmpp|im|pres):)([^\s@;<>\"'\\/?&,]{1,64})(?![^\s;<>\"'\\/?&,]{0,64}@)"
)
_PHONE = re.compile(r"(?<![\w+])(?:\+|00)\d(?:[ ()/.-]{0,2}\d){6,16}(?!\w)")
_SHOWN_NAME = re.compile(r"(\\{0,3}\")([^\"\\<>]{1,64})(\\{0,3}\"\s{0,4}<(?:sips?|tel):)")
_BARE_SHOWN_NAME = re.compile(r"^([^\"<>@:]{1,64}?)(\s{0,4}<(?:sips?|tel):)")
_ORIGIN_OF_SDP = re.compile(r"(?m)^(o=)([^-\s]\S{0,63})(?= \d)")
_WORDS_OF_PERSONS = (
    r"(?:sip[_-]?)?(?:login|user|user[_-]?name|user[_-]?id|authentication[_-]?name)|caller(?:[_-]?id)?|callee"
    r"|(?:sip[_-]?)?(?:visible|display|screen|nick|first|last|full)[_-]?name|nick|phone(?:[_-]?number)?|msisdn|mobile"
    r"|e?-?mail(?:[_-]?address)?"
)
_KEY_OF_PERSON = re.compile(rf"(?i)(?:{_WORDS_OF_PERSONS})$")
_QUOTED_PERSON = re.compile(
    rf"(?i)((?:{_WORDS_OF_PERSONS})(?:\\{{0,3}}[\"'])?\s{{0,4}}[:=]\s{{0,4}}\\{{0,3}}([\"']))([^\"'\\]{{1,256}})"
)
_BARE_PERSON = re.compile(
    rf"(?i)((?:{_WORDS_OF_PERSONS})(?:\\{{0,3}}[\"'])?\s{{0,4}}[:=]\s{{0,4}})([^\s,;:&\"'\\<>{{}}\[\]()]{{1,128}})"
)
_LOOKS_LIKE_PHONE = re.compile(r"\+?[\d ()/-]{7,24}")
_OURS = re.compile(rf"[pa][0-9a-f]{{{HEX_DIGITS}}}")
_HIDDEN = re.compile(r"(.*-)((?:[0-9A-Fa-f]{2}){4,})(-HLS)", re.S)


class Pseudonyms:
    """Takes persons and addresses out of values: with a key they become pseudonyms, without one they are removed."""

    def __init__(self, key: bytes | None) -> None:
        """`key` is secret, and lies outside of any store."""
        self.key = key

    @property
    def fingerprint(self) -> str | None:
        """By which one key is told from another, and nothing else; None where there is none."""
        return None if self.key is None else hmac.digest(self.key, b"wcsanalytics fingerprint", "sha256").hex()[:16]

    def of(self, value: str, identity: Identity) -> str:
        """The value without persons and addresses, by what it may tell."""
        if identity == "nothing" or not value:
            return value
        if identity == "words":
            return REMOVED
        ways = {"person": self.person, "address": self.addresses, "mixed": self.mixed, "json": self.json}
        return ways[identity](value)

    def person(self, value: str) -> str:
        """The pseudonym of a login, number or name; of a URI or an address of mail, that of its user part.

        >>> Pseudonyms(b"k" * 16).person("Ann") == Pseudonyms(b"k" * 16).person(" ann")
        True
        """
        if "@" in value or "<" in value or _SCHEME.search(value):
            return self.mixed(_BARE_SHOWN_NAME.sub(self._second_of_none, value))
        if not value.strip() or value.startswith(REMOVED):
            return value
        told = self.addresses(value)
        return told if told != value else self._named(value)

    def addresses(self, value: str) -> str:
        """The text with each network address replaced, also in the name that an HLS id hides in hex."""
        if value.endswith("-HLS") and (hidden := _HIDDEN.fullmatch(value)):
            name = bytes.fromhex(hidden[2]).decode("utf-8", "surrogateescape")
            clean = self.mixed(name).encode("utf-8", "surrogateescape").hex()
            return self.addresses(hidden[1]) + clean + hidden[3]
        if ":" in value:
            value = _IPV6.sub(self._ipv6, value)
        value = _IPV4_IN_HOST.sub(lambda found: found[1] + self._ipv4(found[2].replace("-", ".")), value)
        return _IPV4.sub(lambda found: self._ipv4(found[0]), value)

    def mixed(self, value: str) -> str:
        """The text with each address, and each person that a URI, a number or a key beside it gives away, replaced."""
        value = _SHOWN_NAME.sub(lambda found: found[1] + self._named(found[2]) + found[3], value)
        value = _ORIGIN_OF_SDP.sub(lambda found: found[1] + self._named(found[2]), value)
        value = _QUOTED_PERSON.sub(lambda found: found[1] + self._beside_key(found[3]), value)
        value = _BARE_PERSON.sub(lambda found: found[1] + self._beside_key(found[2]), value)
        value = _AT_HOST.sub(lambda found: self._named(found[1]) + found[2], value)
        value = _SCHEME.sub(lambda found: found[1] + self._named_unless_host(found[2]), value)
        value = _PHONE.sub(lambda found: self._named(found[0]), value)
        return self.addresses(value)

    def json(self, text: str) -> str:
        """JSON text without persons and addresses, by its keys and by the look of its values."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self.mixed(text)
        return json.dumps(self._walked(value, ""), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def forms(self, text: str) -> tuple[str, ...]:
        """The text and all that it may have become."""
        return tuple(dict.fromkeys((text, self.person(text), self.addresses(text), self.mixed(text))))

    def _walked(self, value: Any, key: str) -> Any:
        identity = _identity_of_key(key)
        if isinstance(value, dict):
            return {self.mixed(name): self._walked(inner, name) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._walked(inner, key) for inner in value]
        if isinstance(value, str):
            return value if value in JSON_TYPES else self.of(value, identity)
        if isinstance(value, int | float) and not isinstance(value, bool) and identity == "person":
            return self.person(str(value))
        return value

    def _pseudonym(self, kind: Kind, normal: str) -> str:
        if self.key is None:
            return REMOVED
        told = f"wcsanalytics {kind}\0{normal}".encode("utf-8", "backslashreplace")
        return _MARKS[kind] + hmac.digest(self.key, told, "sha256").hex()[:HEX_DIGITS]

    def _named(self, value: str) -> str:
        return value if _OURS.fullmatch(value) else self._pseudonym("person", _normal_person(value))

    def _beside_key(self, value: str) -> str:
        """What stands beside a key that names persons; URIs, types and nothing at all are left to others."""
        plain = value.strip()
        known = plain.lower() in ("null", "undefined", "none", "true", "false") or plain in JSON_TYPES
        return value if not plain or known or plain.startswith(REMOVED[:8]) else self.person(value)

    def _named_unless_host(self, value: str) -> str:
        """A user, where a URI has nothing else; a host name is none, an address is taken later."""
        is_host = "." in value and not _LOOKS_LIKE_PHONE.fullmatch(value)
        return value if is_host or value.startswith("[") else self._named(value)

    def _second_of_none(self, found: re.Match[str]) -> str:
        return self._named(found[1]) + found[2]

    def _ipv4(self, text: str) -> str:
        normal = ".".join(str(int(octet)) for octet in text.split("."))
        return text if normal in KEPT_ADDRESSES else self._pseudonym("address", normal)

    def _ipv6(self, found: re.Match[str]) -> str:
        """The pseudonym of an address; groups that are none, such as times, stay. A port may follow without bracket."""
        whole = found[0]
        port = _PORT.search(whole)
        for text, rest in ((whole, ""), (whole[: port.start()], port[0])) if port else ((whole, ""),):
            try:
                address = ipaddress.IPv6Address(text.partition("%")[0])
            except ValueError:
                continue
            normal = str(address.ipv4_mapped or address)
            return whole if normal in KEPT_ADDRESSES else self._pseudonym("address", normal) + rest
        return whole


@cache
def _declared() -> dict[str, Identity]:
    """What the values of the known keys of bodies tell, by the key in lower case; the most careful of several."""
    columns = [column for table in TABLES.values() for column in table.body_columns() if column.type == "text"]
    told: dict[str, Identity] = {"label": "words"}  # people name their devices
    for identity in ("nothing", "address", "mixed", "words", "person"):
        alike = [column for column in columns if column.tells_of() == identity]
        told |= {column.path.rpartition(".")[2].lower(): identity for column in alike}
    return told


def _identity_of_key(key: str) -> Identity:
    """What values of a JSON key tell: as declared for a column, else by the look of the key."""
    known = _declared().get(key.lower())
    return known or ("person" if _KEY_OF_PERSON.search(key) else "mixed")


def _normal_person(value: str) -> str:
    """One form for what is the same: a telephone number as its digits in E.164, anything else in lower case."""
    text = value.strip().strip("\"'").casefold()
    if _LOOKS_LIKE_PHONE.fullmatch(text):
        digits = re.sub(r"\D", "", text)
        if len(digits) >= 7:
            return digits.removeprefix("00")
    return text
