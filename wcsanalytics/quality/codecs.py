"""What a codec costs on the R scale: equipment impairment Ie and robustness to loss Bpl, each with its standing."""

from __future__ import annotations

from bisect import bisect_left
from typing import Literal, NamedTuple

from wcsanalytics.quality.scores import Scale, Standing

Bandwidth = Literal["NB", "WB", "SWB"]

G113 = "G.113 appendix I, 2001-2007 editions, via several implementations"
G113_STD = "G.113 appendix I"
G113_WB = "G.113, via code that cites G.107.1 06/2019 and Cor. 1"
EVS_SOURCE = "one secondary source"
ALAHMADI = "M. Alahmadi, 2021, with the ACM TOMM 2021 paper on WebRTC"


class Codec(NamedTuple):
    """A row of a codec table. Without `ie` no R can be had; without `bpl` none under loss.

    `bpl_source` says where the row was read; `standing` how far it can be trusted.
    """

    name: str
    scale: Scale
    ie: float | None
    bpl: float | None
    standing: Standing
    bpl_source: str


_WB_MONOTIC = dict(
    zip((23.85, 23.05, 19.85, 18.25, 15.85, 14.25, 12.65, 8.85, 6.6), (8, 1, 3, 5, 7, 10, 13, 26, 41), strict=True)
)
_WB_DIOTIC = {23.85: 10, 23.05: 8, 15.85: 17, 12.65: 20, 8.85: 41, 6.6: 56}
_WB_DIOTIC_BPL = {23.85: 4.9, 23.05: 4.6, 12.65: 4.3}

CODECS: dict[str, Codec] = {
    codec.name: codec
    for codec in (
        Codec("G.711+PLC", "NB", 0, 25.1, "secondary", G113),
        Codec("G.711", "NB", 0, 4.3, "secondary", G113),
        Codec("G.729A+VAD", "NB", 11, 19.0, "secondary", G113),
        Codec("G.729", "NB", 10, None, "secondary", G113),
        Codec("G.723.1+VAD 6.3", "NB", 15, 16.1, "standard", G113_STD),
        Codec("GSM-EFR", "NB", 5, 10.0, "standard", G113_STD),
        Codec("AMR-NB", "NB", None, None, "standard", "no row published"),
        Codec("G.722", "NB", None, None, "standard", "no row published"),
        Codec("Speex", "NB", None, None, "standard", "no row published"),
        Codec("Opus", "NB", None, None, "standard", "no row published"),
        *(Codec(f"AMR-WB {rate:g}", "WB", ie, None, "standard", G113_WB) for rate, ie in _WB_MONOTIC.items()),
        *(
            Codec(f"AMR-WB {rate:g} diotic", "WB", ie, _WB_DIOTIC_BPL.get(rate), "standard", G113_WB)
            for rate, ie in _WB_DIOTIC.items()
        ),
        Codec("EVS-SWB 24.4", "FB", 7.2, 11.4, "secondary", EVS_SOURCE),
    )
}
"""Rows by name, as G.113 and its readers give them; none of them is borrowed for another codec."""

_RTP_NAMES = {
    "PCMU": "G.711",
    "PCMA": "G.711",
    "G729": "G.729",
    "G722": "G.722",
    "AMR": "AMR-NB",
    "SPEEX": "Speex",
    "OPUS": "Opus",
    "GSM-EFR": "GSM-EFR",
}


class OpusPoint(NamedTuple):
    """One bit rate of the Opus table: Ie, and Bpl under random and under bursty loss."""

    kbps: float
    ie: float
    bpl_random: float
    bpl_bursty: float


_OPUS_SCALES: dict[Bandwidth, Scale] = {"NB": "NB", "WB": "WB", "SWB": "FB"}

OPUS: dict[Bandwidth, tuple[OpusPoint, ...]] = {
    "NB": (
        OpusPoint(6, 23.00, 24.56, 15.36),
        OpusPoint(8, 16.02, 20.26, 13.48),
        OpusPoint(9, 11.74, 18.91, 12.44),
    ),
    "WB": (
        OpusPoint(11, 28.41, 23.94, 20.12),
        OpusPoint(12, 23.30, 22.22, 18.90),
        OpusPoint(13, 19.96, 19.50, 16.92),
    ),
    "SWB": (
        OpusPoint(16, 30.16, 11.83, 10.06),
        OpusPoint(19, 23.81, 10.67, 8.92),
        OpusPoint(22, 20.22, 10.47, 8.57),
        OpusPoint(25, 20.21, 11.28, 9.18),
        OpusPoint(28, 18.48, 10.63, 8.91),
        OpusPoint(31, 16.83, 10.44, 8.82),
        OpusPoint(34, 14.76, 10.12, 8.54),
        OpusPoint(37, 12.08, 10.38, 8.30),
        OpusPoint(40, 10.67, 9.79, 8.04),
    ),
}
"""The one table that looks published; no ITU row exists. The scale of each bandwidth is implied, not stated."""


def codec_named(name: str, *, concealing: bool = True) -> Codec | None:
    """The row of a codec by its name in `CODECS` or in RTP; None where there is none.

    `concealing` chooses G.711 with packet loss concealment, as every browser has it. RTP's "G729" does not tell the
    annex, so it is plain G.729, which has no Bpl.

    >>> codec_named("PCMU").name, codec_named("opus").ie
    ('G.711+PLC', None)
    """
    row = CODECS.get(name) or CODECS.get(_RTP_NAMES.get(name.upper(), ""))
    return CODECS["G.711+PLC"] if row and row.name == "G.711" and concealing and name != "G.711" else row


def opus(bandwidth: Bandwidth, kbps: float, *, bursty: bool = False) -> Codec | None:
    """Provisional row of Opus at a bit rate, on a straight line between the rates measured; None outside of them.

    >>> opus("SWB", 32.5).ie
    15.795
    """
    points = OPUS[bandwidth]
    if not points[0].kbps <= kbps <= points[-1].kbps:
        return None
    at = bisect_left([point.kbps for point in points], kbps)
    above, below = points[at], points[at if points[at].kbps == kbps else at - 1]
    share = 0.0 if above == below else (kbps - below.kbps) / (above.kbps - below.kbps)
    ie, bpl = (round(below[field] + share * (above[field] - below[field]), 6) for field in (1, 3 if bursty else 2))
    between = "" if above == below else f" ({below.kbps:g}..{above.kbps:g})"
    name = f"Opus {bandwidth} {kbps:g}{between}{' bursty' if bursty else ''}"
    return Codec(name, _OPUS_SCALES[bandwidth], ie, bpl, "provisional", ALAHMADI)


def opus_by_rate(kbps: float) -> Codec | None:
    """The row of the bandwidth whose bit rates these are, which in the table don't overlap; None between and outside.

    >>> opus_by_rate(12).name, opus_by_rate(32.5).name, opus_by_rate(64)
    ('Opus WB 12', 'Opus SWB 32.5 (31..34)', None)
    """
    return next((row for bandwidth in OPUS if (row := opus(bandwidth, kbps))), None)
