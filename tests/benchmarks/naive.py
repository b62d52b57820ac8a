"""What one would write first: a line loop, json.loads, a dict a row, a data frame, Parquet. The yardstick of ingest.

It pairs as wcsanalytics does (a thread holds one open request), keeps each exchange's place, and redacts nothing.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pandas as pd

HEADER = re.compile(
    r"\s*(\d\d):(\d\d):(\d\d),(\d{3})\s+(?:(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\s+)?(?:\S+\s+-\s+(\S.*?)\s+)?"
    r"(SEND REST OBJECT ==>|RECEIVED REST OBJECT <==|Got exception in REST)\s*"
)
TIMED = re.compile(r"\s*\d\d:\d\d:\d\d,\d{3}\s")


def blocks(lines):
    """Header fields, URL and body text of each block; the body is None where the block is torn."""
    header, url, body = None, None, None
    for number, line in enumerate(lines, 1):
        found = HEADER.fullmatch(line)
        if found or TIMED.match(line):
            if header:
                yield (*header, url, unfinished(header, body))
            header = url = body = None
            if found:
                hour, minute, second, ms, thread, direction = found.groups()
                tod = ((int(hour) * 60 + int(minute)) * 60 + int(second)) * 1000 + int(ms)
                header = (number, tod, thread, direction)
                if direction.startswith("Got"):
                    yield (*header, None, "")
                    header = None
        elif header and url is None:
            if line.startswith("URL:"):
                url = line[4:].strip()
        elif header and body is None:
            if line.strip() == "OBJECT:":
                body = []
        elif header:
            body.append(line)
            if line.startswith("}") or (len(body) == 1 and line.strip() == "{ }"):
                yield (*header, url, "".join(body))
                header = url = body = None
    if header:
        yield (*header, url, unfinished(header, body))


def unfinished(header, body):
    """An answer may be empty; all else that stops before its body does is torn."""
    return "" if header[3].startswith("RECEIVED") and body == [] else None


def exchanges(lines):
    """A dict an exchange: places, times, hook, and the body's members."""
    waiting = {}
    for number, tod, thread, direction, url, body in blocks(lines):
        if direction.startswith("SEND"):
            try:
                members = json.loads(body) if body else None
            except ValueError:
                members = None
            if waiting.get(thread):
                yield waiting[thread]
            waiting[thread] = None
            if members is not None:
                hook = url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
                place = {"line": number, "sent_ms": tod, "hook": hook, "url": url, "thread": thread}
                waiting[thread] = {**place, **members}
        elif (
            waiting.get(thread) and body is not None and waiting[thread]["url"] in (url, url or waiting[thread]["url"])
        ):
            yield {**waiting.pop(thread), "answer_line": number, "answered_ms": tod}
    yield from filter(None, waiting.values())


def main(log: str, out: str) -> None:
    """Read the log into one Parquet file."""
    with Path(log).open(encoding="utf-8", errors="replace", newline="\n") as lines:
        frame = pd.DataFrame(exchanges(lines))
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = [
                value if isinstance(value, str) or value is None or value != value else json.dumps(value)
                for value in frame[name]
            ]
    frame.to_parquet(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
