"""Who takes part: browsers, addresses, names, and the ids that WCS and its clients give."""

from random import Random
from typing import NamedTuple

NODE_ADDRESS = "203.0.113.10"
NODE_ID = f"Tq3Yb8Wn5Kx1Lc7Vd2Rm9Hs4Jp6Zg0Fa@{NODE_ADDRESS}"
WEBSOCKET_PORT, RTMP_PORT, HLS_PORT = 8443, 1935, 8445

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version}.1"
USER_AGENTS = (
    *("Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + _CHROME.format(version=v) for v in (201, 202, 203)),
    "Mozilla/5.0 (X11; Linux x86_64) " + _CHROME.format(version=202),
    "Mozilla/5.0 (Linux; Android 10; K) " + _CHROME.format(version=202).replace(" Safari", " Mobile Safari"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + _CHROME.format(version=203),
    *(f"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{v}.0) Gecko/20100101 Firefox/{v}.0" for v in (207, 208)),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) " + _SAFARI.format(version=31) + " Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 31_1 like Mac OS X) "
    + _SAFARI.format(version=31)
    + " Mobile/15E148 Safari/604.1",
)
ORIGINS = ("https://campus.example.org", "https://shop.example.com", "https://play.example.net:8888")
PEOPLE = (
    "Anna Beispiel", "Jörg Müller", "Zoë Martin", "Ivan Petrov", "Lucía Núñez", "Tom O'Hara", "Mei Lin", "Ada Example",
)  # fmt: skip


class Page(NamedTuple):
    """One load of a web page: its browser, its address, and what its UUIDs of version 1 share."""

    user_agent: str
    origin: str
    address: str
    port: int
    uuid_tail: str
    skew_ms: int


def new_page(rng: Random) -> Page:
    """A visitor; one clock in six is some seconds or minutes off."""
    skew_ms = rng.randrange(-90_000, 90_000) if rng.random() < 1 / 6 else rng.randrange(-900, 900)
    tail = f"{0x8000 | rng.getrandbits(14):04x}-{rng.getrandbits(48) | 1 << 40:012x}"
    return Page(rng.choice(USER_AGENTS), rng.choice(ORIGINS), client_address(rng), client_port(rng), tail, skew_ms)


def client_address(rng: Random) -> str:
    """An address of the ranges kept for documentation; servers and encoders have those that are left out."""
    if rng.random() < 0.6:
        return f"198.51.100.{rng.randrange(1, 200)}"
    return f"203.0.113.{rng.randrange(100, 200)}"


def client_port(rng: Random) -> int:
    """An ephemeral port."""
    return rng.randrange(32_768, 61_000)


def address_pair(address: str, port: int, server_port: int) -> str:
    """The older form of a session id, which recurs when the client keeps its port."""
    return f"/{address}:{port}/{NODE_ADDRESS}:{server_port}"


_GREGORIAN_TICKS = 0x01B21DD213814000  # 1582-10-15 to 1970-01-01 in units of 100 ns


def uuid1(rng: Random, epoch_ms: int, tail: str) -> str:
    """A UUID of version 1 that a page made at that time."""
    ticks = _GREGORIAN_TICKS + epoch_ms * 10_000 + rng.randrange(10_000)
    return f"{ticks & 0xFFFFFFFF:08x}-{ticks >> 32 & 0xFFFF:04x}-{0x1000 | ticks >> 48:04x}-{tail}"


def uuid4(rng: Random) -> str:
    """A random UUID."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{0x8000 | rng.getrandbits(14):04x}-{text[20:]}"
