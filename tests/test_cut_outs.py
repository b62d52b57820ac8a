"""Detail records, WebSocket captures and exported events: files that overlap and cut-outs tell each record once."""

import json
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import counts, cut_up, new_store, put_log, read, stored_tables, take_in
from wcsanalytics.intake import Settings
from wcsanalytics.store import Store, checked

START = "2026-03-14 11:1"
STREAMS = [
    f"{START}5:20;WebRTC;lobby;52d84560-1f86-11f1-ab7d-5a3c91e07b24;00:04:42;UNPUBLISHED;;PUBLISH;2;\n",
    f"{START}6:03;WebRTC;lobby;6f0f1a70-1f86-11f1-ab7d-5a3c91e07b24;00:00:09;STOPPED;;SUBSCRIBE;0;\n",
    f"{START}6:03;WebRTC;lobby;6f0f1a71-1f86-11f1-ab7d-5a3c91e07b24;00:00:09;FAILED;No media;SUBSCRIBE;0;\n",
    f"{START}5:59;WebRTC;hall;52d84561-1f86-11f1-ab7d-5a3c91e07b24;00:04:42;UNPUBLISHED;;PUBLISH;2;\n",
    f"{START}7:00;WebRTC;hall;52d84562-1f86-11f1-ab7d-5a3c91e07b24;00:04:42;UNPUBLISHED;;PUBLISH;2;\n",
]
CALLS = [
    f"4101;4102;9d41@198.51.100.7;{START}0:01;{START}0:06;{START}1:16;70;ANSWERED\n",
    f"4101;4103;77aa@198.51.100.7;{START}2:01;;{START}2:09;0;NO_ANSWER\n",
    f"4101;4103;77aa@198.51.100.7;{START}3:01;;{START}3:09;0;NO_ANSWER\n",
    f"4104;4102;78aa@198.51.100.7;{START}3:01;;{START}3:09;0;BUSY\n",
]
MESSAGES = [
    "Sat Mar 14 11:22:40 CET 2026,null,U017,U020,SENT\n",
    "Sat Mar 14 11:22:41 XYZ 2026,null,U017,U020,SENT\n",
    "Sat Mar 14 11:22:41 CET 2026,7f-1,U017,U021,SENT\n",
    "Sat Mar 14 11:22:45 CET 2026,7f-1,U017,U021,FAILED\n",
]
CONNECTIONS = [
    f"{START}5:18;/198.51.100.23:50412/203.0.113.10:8443;DISCONNECTED;Normal disconnect;301;\n",
    f"{START}5:19;/198.51.100.23:50413/203.0.113.10:8443;FAILED;No pong; closing;0;\n",
    f"{START}5:20;/198.51.100.23:50414/203.0.113.10:8443;DISCONNECTED;Normal disconnect;301;\n",
    f"{START}5:20;/198.51.100.23:50415/203.0.113.10:8443;DISCONNECTED;Normal disconnect;301;\n",
]


def frame(ms: int, name: str, data: list[Any], **others: Any) -> str:
    """A line of a WebSocket capture, so many ms after 09:15:20."""
    at = f"2026-03-14T09:15:2{ms // 1000}.{ms % 1000:03}Z"
    raw = json.dumps({"message": name, "data": data})
    return json.dumps({"ts": at, "conn": "c1", "direction": "client->server", "raw": raw, **others}) + "\n"


PUBLISHED = {"mediaSessionId": "52d84560-1f86-11f1-ab7d-5a3c91e07b24", "name": "lobby", "status": "PENDING"}
FRAMES = [
    frame(100, "connection", [{"appKey": "defaultApp"}]),
    frame(200, "publishStream", [PUBLISHED]),
    frame(200, "publishStream", [{**PUBLISHED, "name": "hall"}]),
    frame(900, "ping", []),
    frame(900, "ping", [], conn="c2"),
    frame(1900, "ping", []),
    frame(1950, "unPublishStream", [PUBLISHED]),
]

EXPORTED_HOOKS = [
    json.dumps({"sendTime": at, "responseTime": at + 8, "method": hook, "sessionId": session}) + "\n"
    for at, hook, session in (
        (1773479720655, "connect", "s1"),
        (1773479720700, "StreamStatusEvent", "s1"),
        (1773479720700, "StreamStatusEvent", "s2"),
        (1773479720701, "hangup", "s1"),
    )
]
EXPORTED_EVENTS = [
    json.dumps({"timestamp": at, "sessionId": "s1", "mediaSessionId": stream, "eventType": 7, "eventPayload": told})
    + "\n"
    for at, stream, told in (
        (1773479720655, "m1", "{}"),
        (1773479720656, "m1", '{"reason":"a"}'),
        (1773479720656, "m1", '{"reason":"b"}'),
        (1773479720656, "m2", "{}"),
    )
]
EXPORTED_MEDIA = [
    json.dumps({"timestamp": at, "mediaSessionId": stream, "videoRate": video, "audioRate": 64000}) + "\n"
    for at, stream, video in (
        (1773479721000, "m1", 800000),
        (1773479722000, "m1", 800000),
        (1773479722001, "m1", 800000),
        (1773479722000, "m2", 800000),
    )
]

LINES = {
    "stream_records": STREAMS,
    "call_records": CALLS,
    "message_records": MESSAGES,
    "connection_records": CONNECTIONS,
    "client_messages": FRAMES,
    "hook_events": EXPORTED_HOOKS,
    "server_events": EXPORTED_EVENTS,
    "media_samples": EXPORTED_MEDIA,
}
TWICE = 1
"""This line stands twice in each file, side by side."""

WHOLES = {table: [*lines[: TWICE + 1], *lines[TWICE:]] for table, lines in LINES.items()}
PLACES = {"source_id", "line", "byte_offset"}


def records(store: Store, table: str) -> Counter[str]:
    """What is stored but for where it stood, each as often as it is stored."""
    stored = stored_tables(store)[table]
    return Counter(repr(row) for row in stored.drop(sorted(PLACES)).to_pylist())


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
@pytest.mark.parametrize("table", LINES)
def test_each_record_is_stored_once(tmp_path: Path, table: str, zone: str | None) -> None:
    how = Settings(zones=(("*", ZoneInfo(zone)),)) if zone else Settings()
    whole, n = WHOLES[table], len(WHOLES[table])
    text, head, tail, middle = "".join(whole), "".join(whole[:3]), "".join(whole[2:]), whole[TWICE]
    expected, _ = read(tmp_path / "whole", [text], settings=how)
    rows_a_line = 2 if table == "media_samples" else 1
    assert sorted(records(expected, table).values()) == [1] * (n - 2) * rows_a_line + [2] * rows_a_line

    for nth, (ingests, told) in enumerate(
        [
            ([[tail], [text]], [(n - 2, 0), (2, n - 2)]),
            ([[text], [tail]], [(n, 0), (0, n - 2)]),
            ([[head], [tail]], [(3, 0), (n - 3, 1)]),
            ([[tail], [head]], [(n - 2, 0), (2, 1)]),
            ([[middle], [text]], [(1, 0), (n - 1, 1)]),
            ([[text], [middle], [middle + middle]], [(n, 0), (0, 1), (0, 2)]),
        ]
    ):
        store, balances = read(tmp_path / str(nth), *ingests, settings=how)

        assert counts(balances) == told
        assert all(reading.balanced for balance in balances for reading in balance.readings)
        assert records(store, table) == records(expected, table)
        assert [one for one in checked(store.path) if one.damaged] == []


@pytest.mark.parametrize("table", LINES)
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_outs_that_hold_every_record_tell_the_same_as_the_whole(table, data, tmp_path_factory) -> None:
    lines = WHOLES[table]
    expected, _ = read(tmp_path_factory.mktemp("whole"), ["".join(lines)], settings=Settings())
    ingests = cut_up(data, lines, st.integers(1, 3))  # of two lines that are alike both stand in one piece
    store, balances = read(tmp_path_factory.mktemp("pieces"), *ingests, settings=Settings())

    assert records(store, table) == records(expected, table)
    assert all(reading.balanced for balance in balances for reading in balance.readings)
    assert sum(reading.counts.new for balance in balances for reading in balance.readings) == len(lines)


@pytest.mark.parametrize("table", LINES)
def test_of_two_records_alike_none_is_lost_where_three_files_overlap(tmp_path: Path, table: str) -> None:
    whole = WHOLES[table]
    expected, _ = read(tmp_path / "whole", ["".join(whole)], settings=Settings())
    pieces = ["".join(whole[: TWICE + 1]), "".join(whole[TWICE : TWICE + 2]), "".join(whole[TWICE + 1 :])]

    for nth, order in enumerate(permutations(pieces)):
        store, balances = read(tmp_path / str(nth), *([piece] for piece in order), settings=Settings())

        assert records(store, table) == records(expected, table)
        assert sum(reading.counts.new for balance in balances for reading in balance.readings) == len(whole)


THRICE = [CONNECTIONS[0], *[CONNECTIONS[1]] * 3, *CONNECTIONS[2:]]
"""Lines 1 to 3 are alike."""


@pytest.mark.parametrize(
    "readings",
    [
        [("a", 0, 2), ("b", 0, 6), ("a", 0, 3)],
        [("a", 0, 2), ("b", 1, 6), ("a", 0, 4)],
        [("a", 0, 3), ("b", 1, 3), ("b", 1, 6)],
        [("a", 1, 3), ("b", 0, 1), ("b", 0, 3), ("a", 1, 6)],
        [("a", 2, 4), ("b", 0, 3), ("b", 0, 5), ("a", 2, 6)],
        [("a", 1, 3), ("b", 0, 2), ("c", 3, 6), ("b", 0, 3), ("a", 1, 6)],
    ],
)
def test_of_records_alike_none_is_lost_where_files_grew_between_them(tmp_path: Path, readings) -> None:
    expected, _ = read(tmp_path / "whole", ["".join(THRICE)], settings=Settings())
    store = new_store(tmp_path)
    balances = [
        take_in(store, put_log(tmp_path / name, "".join(THRICE[start:stop])), settings=Settings())
        for name, start, stop in readings
    ]

    assert records(store, "connection_records") == records(expected, "connection_records")
    assert sum(reading.new for balance in balances for reading in balance.readings) == len(THRICE)


@pytest.mark.parametrize("table", ["call_records", "client_messages", "server_events"])
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_files_that_overlap_and_grow_tell_each_record_once(table, data, tmp_path_factory) -> None:
    lines = [*LINES[table][:1], *[LINES[table][1]] * 3, *LINES[table][2:]]
    n, folder = len(lines), tmp_path_factory.mktemp("grown")
    expected, _ = read(folder / "whole", ["".join(lines)], settings=Settings())
    start, stop = data.draw(st.integers(0, 1)), data.draw(st.integers(4, n))
    spans = [(start, stop), (0, data.draw(st.integers(max(start, 1), n))), (data.draw(st.integers(0, stop - 1)), n)]
    grown = [sorted(data.draw(st.sets(st.integers(begin + 1, end), max_size=2)) | {end}) for begin, end in spans]
    turns = data.draw(st.permutations([nth for nth, ends in enumerate(grown) for _ in ends]))

    store, balances = new_store(folder), []
    for nth in turns:
        path = put_log(folder / str(nth), "".join(lines[spans[nth][0] : grown[nth].pop(0)]))
        balances.append(take_in(store, path, settings=Settings()))

    assert records(store, table) == records(expected, table)
    assert sum(reading.new for balance in balances for reading in balance.readings) == n


STREAM = {"mediaSessionId": PUBLISHED["mediaSessionId"]}
MEASURED = [
    FRAMES[0],
    frame(300, "webRTCMetricsClientDescription", [{**STREAM, "headers": "outbound-rtp.O.packetsSent"}]),
    frame(1000, "webRTCMetricsBatch", [{**STREAM, "metrics": '["120"]'}]),
    frame(1900, "ping", []),
]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["cut-out first", "whole first"])
@pytest.mark.parametrize("together", [True, False])
def test_metrics_are_taken_from_where_their_description_stands(
    tmp_path: Path, order: tuple[int, int], together: bool
) -> None:
    texts = ["".join(MEASURED[2:]), "".join(MEASURED)]
    given = [texts[nth] for nth in order]
    store, _ = read(tmp_path, *([given] if together else [[text] for text in given]), settings=Settings())

    stored = stored_tables(store)
    assert stored["client_messages"].num_rows == 4
    assert stored["media_samples"]["value"].to_pylist() == [120.0]


@pytest.mark.parametrize(
    ("table", "said", "otherwise"),
    [
        ("stream_records", ";UNPUBLISHED;", ";STOPPED;"),
        ("stream_records", "7b24;00:", "7b25;00:"),
        ("stream_records", START, "2026-03-14 12:1"),
        ("call_records", "198.51.100.7;", "198.51.100.8;"),
        ("message_records", "U017", "U018"),
        ("connection_records", "203.0.113.10", "203.0.113.11"),
        ("client_messages", '"c1"', '"c3"'),
        ("client_messages", "client->server", "server->client"),
        ("client_messages", "T09:15:2", "T09:15:3"),
        ("hook_events", '"s1"', '"s3"'),
        ("server_events", '"reason', '"cause'),
        ("media_samples", "800000", "800002"),
    ],
)
def test_what_differs_in_one_word_is_another_record(tmp_path: Path, table: str, said: str, otherwise: str) -> None:
    lines = [line for line in LINES[table] if said in line]
    text = "".join(lines)
    store, balances = read(tmp_path, [text], [text.replace(said, otherwise)], settings=Settings())

    assert counts(balances) == [(len(lines), 0), (len(lines), 0)]
    assert stored_tables(store)[table].num_rows >= 2 * len(lines) > 0


def test_messages_that_differ_in_their_data_alone_are_others_in_a_file_that_only_begins_like_a_longer_one(tmp_path):
    whole = [FRAMES[0], FRAMES[1], *FRAMES[4:]]
    other = [FRAMES[0], FRAMES[1].replace("lobby", "foyer")]
    store, balances = read(tmp_path, ["".join(whole)], ["".join(other)], settings=Settings())

    assert counts(balances) == [(5, 0), (1, 1)]
    assert "foyer" in stored_tables(store)["client_messages"]["name"].to_pylist()


def test_records_of_two_nodes_are_never_one(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for begin, nodes in enumerate([(("*", "a"),), (("*", "b"),), ()]):
        text = "".join(CALLS[begin:])  # they begin otherwise, so that none is a copy of another
        take_in(store, put_log(tmp_path / f"{begin}.log", text), settings=Settings(nodes=nodes))

    assert stored_tables(store)["call_records"].num_rows == 4 + 3 + 2


def test_frames_that_tell_no_time_are_never_one(tmp_path: Path) -> None:
    bare = [json.dumps({"message": "publishStream", "data": [{"name": name}]}) + "\n" for name in ("a", "b", "c")]
    store, balances = read(tmp_path, ["".join(bare)], ["".join(bare[1:])], settings=Settings())

    assert counts(balances) == [(3, 0), (2, 0)]
    assert stored_tables(store)["client_messages"].num_rows == 5
