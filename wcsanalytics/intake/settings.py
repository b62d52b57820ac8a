"""How captures are to be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from typing import Any

from wcsanalytics import formats, sources
from wcsanalytics.formats import Options
from wcsanalytics.pseudonyms import Pseudonyms
from wcsanalytics.sources import Source


@dataclass(frozen=True, slots=True)
class Settings:
    """How captures are to be read. `dates`, `zones` and `nodes` go by file pattern; the last match counts.

    Where there are `pseudonyms`, they take the place of persons and addresses. So many processes as `jobs` read a long
    log.
    """

    dates: tuple[tuple[str, date], ...] = ()
    zones: tuple[tuple[str, Any], ...] = ()
    nodes: tuple[tuple[str, str], ...] = ()
    format: str | None = None
    keep_log: str = "WARN"
    kept_fields: frozenset[str] = frozenset()
    caps: formats.Caps = formats.USUAL
    source_caps: sources.Caps = sources.USUAL
    pseudonyms: Pseudonyms | None = None
    jobs: int = 1
    max_rejected: float | None = None
    max_rejected_ratio: float | None = None

    @property
    def identifiers(self) -> str:
        """What becomes of persons and addresses, as a store notes it: keep, drop, or hmac and the key's fingerprint."""
        if self.pseudonyms is None:
            return "keep"
        fingerprint = self.pseudonyms.fingerprint
        return "drop" if fingerprint is None else f"hmac {fingerprint}"

    def options(self, source: Source) -> Options:
        """What these settings say about one source."""
        return Options(
            date=_matching(self.dates, source),
            zone=_matching(self.zones, source),
            node=_matching(self.nodes, source),
            keep_log=self.keep_log,
            kept_paths=self.kept_fields,
            caps=self.caps,
        )


def _matching(pairs: tuple[tuple[str, Any], ...], source: Source) -> Any:
    names = (source.name, source.file_name)
    return next((value for glob, value in reversed(pairs) if any(fnmatch(name, glob) for name in names)), None)
