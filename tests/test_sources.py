"""Every input is read to its last whole byte, or refused with a reason; none leads out of what was named."""

import gzip
import io
import os
import socket
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wcsanalytics.errors import SourceError
from wcsanalytics.sources import CHUNK, Caps, Source, Unreadable, archives, found

TEXT = b"11:15:20,655 INFO one\n11:15:20,656 INFO two\n"
NOISE = b"".join(zlib.crc32(bytes([at % 251, at // 251])).to_bytes(4, "big") for at in range(60_000))  # shrinks badly


def zst(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return bytes(sink.getvalue())


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return sink.getvalue()


def tarred(*members: tuple[str, bytes], mtime: int = 1_773_479_720) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), mtime
            archive.addfile(info, io.BytesIO(data))
    return sink.getvalue()


def special(name: str, kind: bytes) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info.tobuf()


def read(source: Source, size: int = CHUNK) -> tuple[bytes, str | None]:
    """What a source gives, and why it broke."""
    got = bytearray()
    try:
        for chunk in source.chunks(size):
            got += chunk
    except SourceError as problem:
        return bytes(got), str(problem)
    return bytes(got), None


def outcome(*names: str | Path, stdin: bytes = b"", caps: Caps = Caps()) -> dict[str, object]:  # noqa: B008 - frozen
    """All that is behind names: the bytes of each input, or the reason against it."""
    entries: dict[str, object] = {}
    for one in found(map(str, names), io.BytesIO(stdin), caps):
        if isinstance(one, Unreadable):
            entries[one.path if one.member is None else f"{one.path}!{one.member}"] = one.reason
        else:
            data, problem = read(one)
            entries[one.name] = data if problem is None else (data, problem.removeprefix(f"{one.name}: "))
    return entries


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only_source(name: str) -> Source:
    (source,) = found([name])
    assert isinstance(source, Source)
    return source


def test_a_file_is_read_as_it_is(folder: Path) -> None:
    Path("flashphoner.log").write_bytes(TEXT)
    os.utime("flashphoner.log", (0, 1_773_479_720.5))

    source = only_source("flashphoner.log")

    assert (source.path, source.member, source.name) == ("flashphoner.log", None, "flashphoner.log")
    assert source.mtime == datetime(2026, 3, 14, 9, 15, 20, 500_000, tzinfo=UTC)
    assert read(source) == read(source) == (TEXT, None)


@pytest.mark.parametrize("size", [1, 7, 43, 44, 45, CHUNK])
def test_chunks_have_the_size_asked_for(folder: Path, size: int) -> None:
    Path("a.log").write_bytes(TEXT)

    chunks = list(only_source("a.log").chunks(size))

    assert [len(chunk) for chunk in chunks[:-1]] == [size] * (len(chunks) - 1)
    assert b"".join(chunks) == TEXT


def test_a_long_file_comes_in_chunks(folder: Path) -> None:
    Path("a.log").write_bytes(NOISE * 80)

    assert [len(chunk) for chunk in only_source("a.log").chunks()] == [CHUNK, CHUNK, CHUNK, CHUNK, 2_422_784]


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("a.gz", gzip.compress(TEXT)),
        ("a.log", gzip.compress(TEXT)),
        ("a.gz", gzip.compress(TEXT[:22]) + gzip.compress(TEXT[22:])),
        ("a.gz", gzip.compress(TEXT[:22]) + bytes(1000) + gzip.compress(TEXT[22:]) + bytes(512)),
        ("a.zst", zst(TEXT)),
        ("a.zst", zst(TEXT[:22]) + zst(TEXT[22:])),
        ("a.zst", b"\x50\x2a\x4d\x18\x03\0\0\0xyz" + zst(TEXT)),
        ("a.gz", TEXT),
        ("a.zst", TEXT),
    ],
    ids=["gz", "gz by magic", "two members", "padding", "zst", "two frames", "skipped frame", "text.gz", "text.zst"],
)
def test_compression_is_told_by_the_first_bytes(folder: Path, name: str, stored: bytes) -> None:
    Path(name).write_bytes(stored)

    assert outcome(name) == {name: TEXT}


def test_an_empty_file_is_an_input_without_bytes(folder: Path) -> None:
    Path("a.gz").write_bytes(b"")

    assert outcome("a.gz") == {"a.gz": b""}


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def test_a_cut_gz_gives_all_that_came_before_the_cut(folder: Path) -> None:
    stored = gzip.compress(NOISE)
    Path("a.gz").write_bytes(stored[: len(stored) * 6 // 10])

    data, problem = read(only_source("a.gz"))

    assert problem == "a.gz: its compressed data are cut"
    assert 140_000 < len(data) < 150_000
    assert NOISE.startswith(data)


def test_a_gz_that_is_only_a_header_is_cut(folder: Path) -> None:
    Path("a.gz").write_bytes(gzip.compress(TEXT)[:10])

    assert outcome("a.gz") == {"a.gz": (b"", "its compressed data are cut")}


def test_a_bad_checksum_costs_no_bytes(folder: Path) -> None:
    Path("a.gz").write_bytes(damaged(gzip.compress(TEXT), -8 + len(gzip.compress(TEXT))))

    assert outcome("a.gz") == {
        "a.gz": (TEXT, "its compressed data are damaged (Error -3 while decompressing data: incorrect data check)")
    }


def test_damage_within_a_gz_costs_what_comes_after(folder: Path) -> None:
    first = gzip.compress(TEXT)
    Path("a.gz").write_bytes(first + damaged(gzip.compress(NOISE), 12))

    data, problem = read(only_source("a.gz"))

    assert data.startswith(TEXT)
    assert str(problem).startswith("a.gz: its compressed data are damaged")


@pytest.mark.parametrize("garbage", [b"x", b"garbage\n", b"\x1f", gzip.compress(b"")[:2] + b"\0 not deflate"])
def test_garbage_after_a_gz_is_told_after_its_bytes(folder: Path, garbage: bytes) -> None:
    Path("a.gz").write_bytes(gzip.compress(TEXT) + garbage)

    assert outcome("a.gz") == {"a.gz": (TEXT, "its gzip data are followed by other bytes")}


def test_a_cut_zst_gives_what_came_before_the_cut(folder: Path) -> None:
    stored = zst(NOISE)
    Path("a.zst").write_bytes(stored[: len(stored) * 6 // 10])

    data, problem = read(only_source("a.zst"))

    assert problem == "a.zst: its zst data are cut or damaged (Truncated compressed stream)"
    assert 140_000 < len(data) < 150_000
    assert NOISE.startswith(data)


@settings(deadline=None)
@given(st.sampled_from([gzip.compress(TEXT + NOISE[:1000]), zst(TEXT + NOISE[:1000])]), st.floats(0.02, 0.99))
def test_no_cut_invents_a_byte(stored: bytes, share: float) -> None:
    (source,) = found(["-"], io.BytesIO(stored[: int(len(stored) * share)]))
    assert isinstance(source, Source)

    data, problem = read(source)

    assert (TEXT + NOISE[:1000]).startswith(data)
    assert "cut" in str(problem)


def test_garbage_after_a_zst_is_told_after_its_bytes(folder: Path) -> None:
    Path("a.zst").write_bytes(zst(TEXT) + b"garbage")

    assert read(only_source("a.zst"))[0] == TEXT
    assert "its zst data are cut or damaged" in str(read(only_source("a.zst"))[1])


@pytest.mark.parametrize("filler", [b"\0", b"\n"], ids=["zeros", "newlines"])
@pytest.mark.parametrize("pack", [gzip.compress, zst], ids=["gz", "zst"])
def test_a_bomb_is_stopped(folder: Path, filler: bytes, pack: Callable[[bytes], bytes]) -> None:
    Path("bomb").write_bytes(pack(filler * 120_000_000))

    data, problem = read(only_source("bomb"))

    assert "times its size, as no log does" in str(problem)
    assert len(data) < 50_000_000


@pytest.mark.parametrize("name", ["a.gz", "a.zst", "-"])
def test_no_source_unfolds_without_end(folder: Path, name: str) -> None:
    stored = zst(TEXT * 3) if name == "a.zst" else gzip.compress(TEXT * 3)
    if name != "-":
        Path(name).write_bytes(stored)

    results = outcome(name, stdin=stored, caps=Caps(unfolded_bytes=100))

    assert results[name] == (b"", "unfolds to more than 100 bytes; --cap unfolded_bytes=N allows more")
    assert outcome(name, stdin=stored, caps=Caps(unfolded_bytes=132))[name] == TEXT * 3


def test_a_cap_can_be_raised(folder: Path) -> None:
    Path("a.gz").write_bytes(gzip.compress(bytes(5_000_000)))

    results = outcome("a.gz")

    assert isinstance(results["a.gz"], tuple)
    assert outcome("a.gz", caps=Caps(gz_ratio=1100))["a.gz"] == bytes(5_000_000)


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_for_what_it_is(folder: Path, code: str) -> None:
    wide = TEXT.decode().encode(code)
    Path("a.log").write_bytes(wide)
    Path("a.gz").write_bytes(gzip.compress(wide))
    Path("a.zip").write_bytes(zipped(("a", wide), ("b", TEXT)))

    results = outcome("a.log", "a.gz", "a.zip", "-", stdin=wide)

    assert results.pop("a.zip!b") == TEXT
    assert results == dict.fromkeys(("a.log", "a.gz", "a.zip!a", "-"), "looks like UTF-16; convert it to UTF-8 first")


def test_short_uniform_files_are_no_bombs(folder: Path) -> None:
    Path("a.gz").write_bytes(gzip.compress(b"\n" * 1_000_000))

    assert outcome("a.gz") == {"a.gz": b"\n" * 1_000_000}


def test_a_file_compressed_twice_is_refused(folder: Path) -> None:
    Path("a.gz").write_bytes(gzip.compress(gzip.compress(TEXT)))
    Path("b.gz").write_bytes(gzip.compress(zipped(("a.log", TEXT))))

    reason = "is an archive or compressed twice, inside a compressed file; unpack it once first"
    assert outcome("a.gz", "b.gz") == {"a.gz": reason, "b.gz": reason}


ARCHIVES: dict[str, Callable[..., bytes]] = {
    "a.zip": zipped,
    "stored.zip": lambda *members: zipped(*members, method=zipfile.ZIP_STORED),
    "a.tar": tarred,
    "a.tar.gz": lambda *members: gzip.compress(tarred(*members)),
    "a.tgz": lambda *members: zst(tarred(*members)),
}


@pytest.fixture(params=list(ARCHIVES))
def pack(request: pytest.FixtureRequest, folder: Path) -> Callable[..., str]:
    """Write an archive of some kind; its name."""

    def write(*members: tuple[str, bytes]) -> str:
        Path(request.param).write_bytes(ARCHIVES[request.param](*members))
        return str(request.param)

    return write


def test_each_member_of_an_archive_is_an_input(pack: Callable[..., str]) -> None:
    name = pack(("logs/a.log", TEXT), ("b.gz", gzip.compress(TEXT)), ("c.zst", zst(NOISE)), ("empty", b""))

    assert outcome(name) == {
        f"{name}!logs/a.log": TEXT,
        f"{name}!b.gz": TEXT,
        f"{name}!c.zst": NOISE,
        f"{name}!empty": b"",
    }


def test_members_can_be_read_again_in_any_order(pack: Callable[..., str]) -> None:
    name = pack(("a", NOISE * 50), ("b", TEXT), ("c", NOISE))

    a, b, c = [one for one in found([name]) if isinstance(one, Source)]

    assert [read(one)[0] for one in (c, b, a, b, c)] == [NOISE, TEXT, NOISE * 50, TEXT, NOISE]
    assert [left + right for left, right in zip(b.chunks(5), c.chunks(5), strict=False)][:1] == [TEXT[:5] + NOISE[:5]]


def test_a_compressed_tar_keeps_only_its_last_bytes_at_hand() -> None:
    openings = []

    def opened() -> Iterator[bytes]:
        openings.append(1)
        return iter([bytes([at]) * (1 << 20) for at in range(20)])

    window = archives._Window(opened)
    for at, count in ((0, 1), (12, 1), (6, 1), (13, 1), (0, 2), (19, 2)):
        window.seek(at << 20)
        assert (window.read(3), len(openings)) == (bytes([at]) * 3, count)


@pytest.mark.parametrize(
    "member", ["../a.log", "logs/../../a.log", "/etc/passwd", "C:/a.log", "C:a.log", "..", "logs\\a.log", "..\\a.log"]
)
def test_members_that_point_out_of_the_archive_are_refused(pack: Callable[..., str], member: str) -> None:
    name = pack((member, TEXT), ("good.log", TEXT))

    assert outcome(name) == {
        f"{name}!{member}": "has a name that points out of its archive",
        f"{name}!good.log": TEXT,
    }


def test_members_of_the_same_name_are_all_read(pack: Callable[..., str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "_writecheck", lambda *_: None)  # which warns of the second one
        name = pack(("a.log", b"first"), ("a.log", b"second"))

    assert [(one.name, read(one)[0]) for one in found([name]) if isinstance(one, Source)] == [
        (f"{name}!a.log", b"first"),
        (f"{name}!a.log", b"second"),
    ]


@pytest.mark.parametrize("inner", [zipped(("x", TEXT)), tarred(("x", TEXT)), gzip.compress(tarred(("x", TEXT)))])
def test_an_archive_in_an_archive_is_read_one_level_deep(pack: Callable[..., str], inner: bytes) -> None:
    name = pack(("inner", inner), ("deep", zipped(("inner", inner), ("y", NOISE))), ("good.log", TEXT))

    assert outcome(name) == {
        f"{name}!inner!x": TEXT,
        f"{name}!deep!inner": "is an archive or compressed twice, inside an archive; unpack the outer one first",
        f"{name}!deep!y": NOISE,
        f"{name}!good.log": TEXT,
    }


def test_members_of_an_inner_archive_can_be_read_again(pack: Callable[..., str]) -> None:
    name = pack(("a.zip", zipped(("x", NOISE), ("y", TEXT))), ("b.tgz", gzip.compress(tarred(("z", NOISE)))))

    x, y, z = [one for one in found([name]) if isinstance(one, Source)]

    assert [read(one)[0] for one in (z, y, x, z)] == [NOISE, TEXT, NOISE, NOISE]


def test_an_inner_archive_that_is_damaged_or_too_long_stops_no_other(pack: Callable[..., str]) -> None:
    stored = zipped(("x", NOISE), method=zipfile.ZIP_STORED)
    name = pack(("long.zip", stored), ("torn.zip", zipped(("x", TEXT))[:-30]), ("good.log", TEXT))

    results = outcome(name, caps=Caps(nested_bytes=1000))

    assert results[f"{name}!good.log"] == TEXT
    assert results[f"{name}!long.zip"] == "is an archive of more than 1000 bytes inside an archive; unpack it first"
    assert results[f"{name}!torn.zip"] == "can't be read further: File is not a zip file"


def test_all_inner_members_are_held_to_the_size_of_the_outer_archive(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped(("in.zip", zipped(("a", bytes(800_000)), ("b", bytes(800_000))))))

    results = outcome("a.zip", caps=Caps(archive_ratio=2))

    assert results["a.zip!in.zip!a"] == bytes(800_000)
    assert isinstance(results["a.zip!in.zip!b"], tuple)


def test_a_bomb_in_an_archive_stops_no_other_member(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped(("bomb", bytes(120_000_000)), ("good.log", TEXT)))

    results = outcome("a.zip")

    assert results["a.zip!good.log"] == TEXT
    assert isinstance(results["a.zip!bomb"], tuple)
    assert results["a.zip!bomb"][1] == "unfolds to more than 300 times its size, as no log does"


def test_all_members_together_are_held_to_the_size_of_the_archive(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped(("a", bytes(800_000)), ("b", bytes(800_000)), ("c", b"")))

    results = outcome("a.zip", caps=Caps(archive_ratio=2))

    assert (results["a.zip!a"], results["a.zip!c"]) == (bytes(800_000), b"")
    assert isinstance(results["a.zip!b"], tuple)
    assert results["a.zip!b"][1] == "its archive unfolds to more than 2 times its size, as no logs do"


def test_the_budget_of_an_archive_is_for_all_its_members_and_counts_each_byte_once() -> None:
    budget = archives._Budget(10, 3000)
    pieces = [b"1234", b"5678"]

    assert b"".join(budget.spend((0,), iter(pieces))) == b"12345678"
    assert b"".join(budget.spend((0,), iter(pieces))) == b"12345678"
    with pytest.raises(SourceError, match="its archive unfolds to more than 3000 times its size"):
        list(budget.spend((1,), iter(pieces)))


def test_members_that_share_their_bytes_are_each_charged(folder: Path) -> None:
    data = bytearray(zipped(("a", bytes(800_000)), ("b", bytes(800_000))))
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)  # b is said to stand where a stands
    Path("a.zip").write_bytes(bytes(data))

    results = outcome("a.zip", caps=Caps(archive_ratio=2))

    assert results["a.zip!a"] == bytes(800_000)
    assert isinstance(results["a.zip!b"], tuple)


def test_many_members_are_read_up_to_a_limit(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped(*((f"{at}", b"x") for at in range(3000))))
    Path("a.tgz").write_bytes(gzip.compress(tarred(*((f"{at}", b"x") for at in range(3000)))))

    assert set(outcome("a.zip").values()) == set(outcome("a.tgz").values()) == {b"x"}
    assert len(outcome("a.zip")) == len(outcome("a.tgz")) == 3000

    assert outcome("a.zip", caps=Caps(members=2)) == {
        "a.zip!0": b"x",
        "a.zip!1": b"x",
        "a.zip": "holds more than 2 members; the others were not read",
    }


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(folder: Path, kind: int) -> None:
    info = zipfile.ZipInfo("link")
    info.create_system, info.external_attr = 3, (kind | 0o777) << 16
    Path("a.zip").write_bytes(zipped((info, b"/etc/passwd")))

    assert outcome("a.zip") == {"a.zip!link": "is a link, a device or a pipe, not a file"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(folder: Path, kind: bytes) -> None:
    Path("a.tar").write_bytes(special("link", kind) + tarred(("good.log", TEXT)))

    assert outcome("a.tar") == {
        "a.tar!link": "is a link, a device or a pipe, not a file",
        "a.tar!good.log": TEXT,
    }


def test_a_tar_member_stored_with_holes_is_refused(folder: Path) -> None:
    Path("a.tar").write_bytes(special("a.log", tarfile.GNUTYPE_SPARSE) + tarred(("good.log", TEXT)))

    assert outcome("a.tar") == {
        "a.tar!a.log": "is stored with holes, which can't be read",
        "a.tar!good.log": TEXT,
    }


def test_a_zip_tells_the_time_of_its_members(folder: Path) -> None:
    info = zipfile.ZipInfo("a.log", (2026, 3, 14, 11, 15, 20))
    Path("a.zip").write_bytes(zipped((info, TEXT), (zipfile.ZipInfo("old", (1980, 1, 1, 0, 0, 0)), TEXT)))

    times = [one.mtime for one in found(["a.zip"]) if isinstance(one, Source)]
    assert times == [datetime(2026, 3, 14, 11, 15, 20, tzinfo=UTC), None]


def test_a_tar_tells_the_time_of_its_members(folder: Path) -> None:
    Path("a.tar").write_bytes(tarred(("a.log", TEXT)))
    Path("b.tar").write_bytes(tarred(("a.log", TEXT), mtime=0))

    times = [one.mtime for one in found(["a.tar", "b.tar"]) if isinstance(one, Source)]
    assert times == [datetime(2026, 3, 14, 9, 15, 20, tzinfo=UTC), None]


def with_flag(data: bytes, local: int, central: int, value: int) -> bytes:
    """A zip of one member with two bytes changed in its local header and in the directory."""
    changed = bytearray(data)
    struct.pack_into("<H", changed, local, value)
    struct.pack_into("<H", changed, data.index(b"PK\x01\x02") + central, value)
    return bytes(changed)


def test_members_that_cannot_be_decoded_are_refused(folder: Path) -> None:
    plain = zipped(("a.log", TEXT))
    Path("a.zip").write_bytes(with_flag(plain, 6, 8, 1))
    Path("b.zip").write_bytes(with_flag(plain, 8, 10, 97))

    assert outcome("a.zip", "b.zip") == {
        "a.zip!a.log": "is encrypted",
        "b.zip!a.log": "is compressed by method 97, which can't be read",
    }


def test_a_member_with_a_bad_checksum_keeps_its_bytes(folder: Path) -> None:
    data = zipped(("a.log", TEXT))
    Path("a.zip").write_bytes(damaged(data, data.index(b"PK\x01\x02") + 16))

    assert outcome("a.zip") == {"a.zip!a.log": (TEXT, "its bytes don't match their checksum")}


def test_a_header_that_lies_about_the_length_is_not_believed(folder: Path) -> None:
    data = bytearray(zipped(("a.log", TEXT)))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 4_000_000_000)
    Path("a.zip").write_bytes(bytes(data))

    assert outcome("a.zip") == {"a.zip!a.log": TEXT}


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.tgz"])
@pytest.mark.parametrize("data", [b"", b"not an archive"], ids=["empty", "text"])
def test_what_is_only_named_like_an_archive_is_refused(folder: Path, name: str, data: bytes) -> None:
    Path(name).write_bytes(data)

    assert outcome(name) == {name: "is named like an archive but is none, or is cut"}


def test_an_archive_without_files_is_refused(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped())
    Path("b.zip").write_bytes(zipped(("logs/", b"")))

    assert outcome("a.zip", "b.zip") == {
        "a.zip": "is an archive without files",
        "b.zip": "is an archive without files",
    }


def test_a_zip_without_its_directory_is_refused(folder: Path) -> None:
    Path("a.zip").write_bytes(zipped(("a.log", TEXT))[:-30])

    assert outcome("a.zip") == {"a.zip": "can't be read further: File is not a zip file"}


def test_a_cut_tar_gives_what_came_before_the_cut(folder: Path) -> None:
    Path("a.tar").write_bytes(tarred(("a.log", TEXT), ("b.log", NOISE))[: 512 * 3 + 100_000])

    assert outcome("a.tar") == {
        "a.tar!a.log": TEXT,
        "a.tar!b.log": (NOISE[:100_000], "is cut, 140000 bytes are missing"),
        "a.tar": "can't be read further: unexpected end of data",
    }


def test_a_cut_compressed_tar_gives_what_came_before_the_cut(folder: Path) -> None:
    stored = gzip.compress(tarred(("a.log", TEXT), ("b.log", NOISE)))
    Path("a.tgz").write_bytes(stored[: len(stored) // 2])

    results = outcome("a.tgz")

    assert results["a.tgz!a.log"] == TEXT
    assert isinstance(results["a.tgz!b.log"], tuple)
    assert len(results["a.tgz!b.log"][0]) > 100_000
    assert results["a.tgz!b.log"][1] == "its compressed data are cut"
    assert results["a.tgz"] == "can't be read further: its compressed data are cut"


@pytest.mark.parametrize("cut", [1024, 512 * 2 + 100, 512 * 4])
def test_a_tar_must_end_in_its_mark(folder: Path, cut: int) -> None:
    Path("a.tar").write_bytes(tarred(("a.log", TEXT), ("b.log", TEXT))[:cut])

    assert str(outcome("a.tar")["a.tar"]).startswith("can't be read further: ")


def test_a_damaged_tar_header_is_not_its_end(folder: Path) -> None:
    Path("a.tar").write_bytes(damaged(tarred(("a.log", TEXT), ("b.log", TEXT)), 1024 + 3))

    assert outcome("a.tar") == {
        "a.tar!a.log": TEXT,
        "a.tar": "can't be read further: it lacks the end mark, so it is cut or damaged",
    }


def test_a_tar_header_of_impossible_length_is_not_read(folder: Path) -> None:
    info = tarfile.TarInfo("long name")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    Path("a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + tarred(("a.log", TEXT)))

    assert outcome("a.tar") == {"a.tar": "can't be read further: a header claims an impossible length"}


INNER = zipped((zipfile.ZipInfo("c.log"), TEXT))


@cache
def packed(name: str) -> bytes:
    """An archive that is packed once: its length depends on the time in its headers."""
    return ARCHIVES[name](("a.log", TEXT), ("b.gz", gzip.compress(TEXT, mtime=0)), ("c.zip", INNER))


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(list(ARCHIVES)), st.data())
def test_no_damage_to_an_archive_is_worse_than_a_reason(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    stored = bytearray(packed(name))
    for at in data.draw(st.lists(st.integers(0, len(stored) - 1), max_size=4)):
        stored[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(stored[: data.draw(st.integers(1, len(stored)))])

    assert outcome(path)


def test_a_directory_is_walked_in_order(folder: Path) -> None:
    for name in ("b.log", "a/z.log", "a/b/c.log", "a.log"):
        Path("logs", name).parent.mkdir(parents=True, exist_ok=True)
        Path("logs", name).write_bytes(name.encode())

    assert list(outcome("logs").items()) == [
        ("logs/a/b/c.log", b"a/b/c.log"),
        ("logs/a/z.log", b"a/z.log"),
        ("logs/a.log", b"a.log"),
        ("logs/b.log", b"b.log"),
    ]


def test_patterns_match_files_and_directories_once(folder: Path) -> None:
    for name in ("logs/a.log", "logs/b.txt", "logs/deep/c.log", "logs/deep/er/d.log"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(TEXT)

    assert [one.path for one in found(["logs/*.log"])] == ["logs/a.log"]
    assert [one.path for one in found(["*/deep"])] == ["logs/deep/c.log", "logs/deep/er/d.log"]
    assert [one.path for one in found(["logs/deep/**"])] == ["logs/deep/c.log", "logs/deep/er/d.log"]
    assert [one.path for one in found([f"{folder}/logs/**/*.log"])] == [
        f"{folder}/logs/a.log",
        f"{folder}/logs/deep/c.log",
        f"{folder}/logs/deep/er/d.log",
    ]


def test_a_file_whose_name_is_a_pattern_is_that_file(folder: Path) -> None:
    Path("a[1].log").write_bytes(TEXT)
    Path("a1.log").write_bytes(b"")

    assert outcome("a[1].log") == {"a[1].log": TEXT}


def test_names_that_lead_to_nothing_are_told(folder: Path) -> None:
    Path("empty").mkdir()

    assert outcome("empty", "absent.log", "https://example.org/flashphoner.log", "*.log", "", "a\0b") == {
        "empty": "is a directory without files",
        "absent.log": "does not exist",
        "https://example.org/flashphoner.log": "is a URL, and reading these is not available yet; save it to a file",
        "*.log": "matches no file",
        "": "is an empty name",
        "a\0b": "does not exist",
    }


def test_a_name_too_long_for_the_system_stops_no_other(folder: Path) -> None:
    Path("a.log").write_bytes(TEXT)

    results = outcome("x" * 5000, "a.log")

    assert results == {"x" * 5000: "can't be read: File name too long", "a.log": TEXT}


def test_a_file_that_vanishes_before_it_is_read_is_told(folder: Path) -> None:
    Path("a.log").write_bytes(TEXT)
    source = only_source("a.log")
    Path("a.log").unlink()

    assert read(source) == (b"", "a.log: can't be read: No such file or directory")


def test_links_out_of_a_directory_are_not_followed(folder: Path) -> None:
    Path("secret.log").write_bytes(TEXT)
    Path("other").mkdir()
    Path("logs").mkdir()
    Path("logs/a.log").write_bytes(TEXT)
    Path("logs/inside").symlink_to("a.log")
    Path("logs/out").symlink_to(folder / "secret.log")
    Path("logs/outdir").symlink_to(folder / "other")
    Path("logs/zero").symlink_to("/dev/zero")
    Path("logs/loop").symlink_to(".")
    Path("logs/self").symlink_to("self")
    Path("logs/dangling").symlink_to("nowhere")

    out = "is a link out of the directory that was named; such links are not followed"
    expected = {
        "logs/a.log": TEXT,
        "logs/dangling": "can't be read: No such file or directory",
        "logs/inside": TEXT,
        "logs/loop": "is a link to a directory that holds it; such links are not followed",
        "logs/out": out,
        "logs/outdir": out,
        "logs/self": "can't be read: Too many levels of symbolic links",
        "logs/zero": out,
    }
    assert outcome("logs") == expected
    assert outcome("logs/*") == expected


def test_a_link_between_directories_is_not_read_twice(folder: Path) -> None:
    Path("logs/5").mkdir(parents=True)
    Path("logs/5/a.log").write_bytes(TEXT)
    Path("logs/current").symlink_to("5")

    assert outcome("logs") == {"logs/5/a.log": TEXT}


def test_a_link_that_is_named_is_followed(folder: Path) -> None:
    Path("logs").mkdir()
    Path("logs/a.log").write_bytes(TEXT)
    Path("link.log").symlink_to("logs/a.log")
    Path("link").symlink_to("logs")

    assert outcome("link.log", "link") == {"link.log": TEXT, "link/a.log": TEXT}


def test_pipes_and_sockets_are_not_opened(folder: Path) -> None:
    os.mkfifo("fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")

        reason = "is not a regular file; a pipe can be read as standard input, named -"
        assert outcome(".", "fifo") == {"fifo": reason, "socket": reason}


@pytest.mark.parametrize(
    ("path", "member", "shown", "file_name"),
    [
        (
            "logs/flashphoner.log.2026-03-14.gz",
            None,
            "logs/flashphoner.log.2026-03-14.gz",
            "flashphoner.log.2026-03-14",
        ),
        ("a.zip", "logs/b.log.2026-03-14-09.ZST", "a.zip!logs/b.log.2026-03-14-09.ZST", "b.log.2026-03-14-09"),
        ("logs/\udcff.log", None, "logs/\\udcff.log", "\udcff.log"),
        ("-", None, "-", "-"),
    ],
)
def test_inputs_have_a_name_for_people(path: str, member: str | None, shown: str, file_name: str) -> None:
    source = Source(path, member, None, lambda: iter(()))

    assert (source.name, source.file_name) == (shown, file_name)


def test_a_name_that_is_not_utf_8_is_read(folder: Path) -> None:
    Path(os.fsdecode(b"\xff.log")).write_bytes(TEXT)

    assert outcome(".") == {"\\udcff.log": TEXT}


@pytest.mark.parametrize("stored", [TEXT, gzip.compress(TEXT), zst(TEXT), b""], ids=["text", "gz", "zst", "nothing"])
def test_standard_input_is_read_once(stored: bytes) -> None:
    first, second = found(["-", "-"], io.BytesIO(stored))

    assert isinstance(first, Source)
    assert read(first) == (TEXT if stored else b"", None)
    assert read(first) == (b"", "-: standard input can be read only once; save it to a file and name that")
    assert second == Unreadable("-", None, "can be read only once; save it to a file and name that")


def test_standard_input_that_is_cut_gives_what_came(folder: Path) -> None:
    assert outcome("-", stdin=gzip.compress(TEXT)[:-8]) == {"-": (TEXT, "its compressed data are cut")}


@pytest.mark.parametrize("stored", [zipped(("a", TEXT)), tarred(("a", TEXT)), gzip.compress(tarred(("a", TEXT)))])
def test_an_archive_on_standard_input_is_refused(stored: bytes) -> None:
    assert outcome("-", stdin=stored) == {"-": "is an archive or compressed twice; save it to a file and name that"}


def test_a_disk_that_fails_midway_breaks_only_its_source() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if data := super().read(30):
                return data
            raise OSError(5, "Input/output error")

    (source,) = found(["-"], Failing(TEXT))

    assert isinstance(source, Source)
    assert read(source) == (TEXT, "-: can't be read: Input/output error")


def test_archives_are_opened_as_their_members_are_taken(folder: Path) -> None:
    Path("a.tar").write_bytes(tarred(("a", TEXT)))
    inputs: Iterator[Source | Unreadable] = found(["a.tar", "late.log"])
    assert next(inputs).member == "a"

    Path("late.log").write_bytes(TEXT)

    assert [one.path for one in inputs] == ["late.log"]
