"""The folder `logs/` of a WCS host: server logs, detail records and logs of clients, with planted disagreements."""

from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sample_data import call_scenes, desk_scenes, session_scenes, stream_scenes
from sample_data.client_logs import ClientLogs
from sample_data.deck import Scene
from sample_data.detail_records import Books, Planted
from sample_data.stage import Exchange, Stage
from sample_data.tape import DAY_MS, Tape

ZONE = "Europe/Berlin"
SEED = 20260315
DAY = date(2026, 3, 14)

PROGRAMME: tuple[tuple[int, Scene], ...] = (
    (9 * 60, stream_scenes.lecture),
    (9 * 60 + 40, stream_scenes.second_try("Failed by ICE timeout")),
    (10 * 60, stream_scenes.encoder),
    (10 * 60 + 10, call_scenes.switchboard),
    (11 * 60, stream_scenes.broken_while_live),
    (11 * 60 + 30, desk_scenes.unhappy_user),
    (12 * 60, session_scenes.refused),
    (12 * 60 + 5, stream_scenes.camera),
    (13 * 60, session_scenes.failed_later),
    (13 * 60 + 30, call_scenes.unlucky_agent),
    (14 * 60, stream_scenes.hls_viewer),
    (24 * 60 - 1, stream_scenes.over_midnight),
    (24 * 60 + 5, stream_scenes.ended_by_admin),
)
"""Minute of the day, and what happens from then on."""


def generate_host(out_dir: Path, *, seed: int = SEED, day: date = DAY) -> tuple[Planted, ...]:
    """Write `logs/` into `out_dir`, and give back where its records disagree with its hooks on purpose.

    The day must be one on which the clocks of Berlin are not changed.
    """
    start = datetime.combine(day, time(), ZoneInfo(ZONE))
    midnight = int(start.timestamp()) * 1000
    ahead_ms = int((start.utcoffset() or start - start).total_seconds()) * 1000
    logs = out_dir / "logs"
    stage = Stage(Random(seed), midnight, midnight + DAY_MS + 40 * 60_000, 1)
    books = Books(logs / "cdr", Random(seed), ahead_ms, start.tzname() or "")
    pages = ClientLogs(logs / "client_logs", ahead_ms)

    def heard(at: int, exchange: Exchange) -> None:
        books.hear(at, exchange)
        pages.hear(at, exchange)

    with closing(Tape(stage, logs / "server_logs", day.isoformat(), heard=heard)) as tape:
        for minute, scene in PROGRAMME:
            at = midnight + minute * 60_000
            tape.write_until(at)
            scene(stage, at)
        tape.write_until(float("inf"))
    books.write()
    pages.write()
    return tuple(books.planted)
