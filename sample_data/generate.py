"""Make up a day of one WCS node: `python sample_data/generate.py OUT [--seed N] [--sessions N] [--day DATE]`."""

import argparse
import json
import math
import sys
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a script, its folder is no package yet

from sample_data import deck
from sample_data.host import generate_host
from sample_data.stage import Stage, Truth
from sample_data.tape import DAY_MS, Tape

ZONE = "Europe/Berlin"
SEED = 20260314
SESSIONS = deck.DECK_SESSIONS + deck.LATE_SESSIONS
DAY = date(2026, 3, 14)


def generate(
    out_dir: Path, *, seed: int = SEED, sessions: int = SESSIONS, day: date = DAY, busy: bool = False
) -> Truth:
    """Write the log and the backend's capture of one day into `out_dir`; the same seed gives the same bytes.

    The day must be one on which the clocks of Berlin are not changed. All scenes occur from the default of
    `sessions` on; the last scene is played to its end, so there may be two sessions more.
    A `busy` day is that of a big node: streams with keep-alives, long offers, a talkative server.
    """
    midnight = int(datetime.combine(day, time(), ZoneInfo(ZONE)).timestamp()) * 1000
    end = midnight + DAY_MS + deck.TAIL_MINUTES * 60_000
    stage = Stage(Random(seed), midnight, end, deck.rounds(sessions))
    backend = out_dir / "backend" / "hooks.ndjson"
    with closing(Tape(stage, out_dir / "day", day.isoformat(), backend=backend)) as tape:
        for start, scene in deck.scenes(stage, sessions, deck.BUSY_DECK if busy else deck.DECK):
            tape.write_until(start)
            scene(stage, start)
        tape.write_until(math.inf)
    return stage.truth


def main() -> None:
    """Read the command line, write the day and, if asked, the truth about it."""
    parser = argparse.ArgumentParser(description="Make up a day of one WCS node.")
    parser.add_argument("out", type=Path, help="folder that gets day/, backend/ and logs/")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--day", type=date.fromisoformat, default=DAY)
    parser.add_argument("--busy", action="store_true", help="the traffic of a big node: about 200 kB a session")
    parser.add_argument("--truth", type=Path, help="file that gets the figures of the day as JSON")
    options = parser.parse_args()
    truth = generate(options.out, seed=options.seed, sessions=options.sessions, day=options.day, busy=options.busy)
    planted = generate_host(options.out, day=options.day)
    if options.truth:
        told = {**vars(truth), "planted": [one._asdict() for one in planted]}
        options.truth.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
