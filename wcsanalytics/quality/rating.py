"""MOS of media streams by ITU-T G.107, G.107.1 and G.107.2, one at a time or a column of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.quality.arrays import FloatArray, floats, nullable
from wcsanalytics.quality.codecs import Bandwidth, Codec, codec_named, opus, opus_by_rate
from wcsanalytics.quality.delay import DelayTerm, cole_rosenbluth, idd
from wcsanalytics.quality.narrowband import e_model, ie_eff
from wcsanalytics.quality.opinion import mos_of_r
from wcsanalytics.quality.scores import Mos, MosKey, Scale

SIMPLIFIED_BASE = 93.2
"""R without impairments, as the simplified model of Cole and Rosenbluth rounds it."""


class Band(NamedTuple):
    """R = base - Id - Ie,eff of a scale; `greatest` stands in Ie,eff, `stretch` maps R to 0..100 and Idd to its R."""

    model: str
    base: float
    greatest: float
    stretch: float
    delay_stretch: float


_BANDS: dict[Scale, Band] = {
    "WB": Band("g107.1", 129, 95, 1.29, 1.0),
    "FB": Band("g107.2", 148, 132, 1.48, 1.48),
}

NO_ROW = "no E-model row is known for the codec"
NO_IE = "no equipment impairment (Ie) is published for the codec"
NO_BPL = "no robustness to loss (Bpl) is published for the codec"
NO_LOSS = "packet loss was not measured"
BAD_LOSS = "packet loss is outside 0..1"


def rate(
    codec: Codec | None,
    loss_ratio: float | None,
    n: int,
    *,
    one_way_ms: float | None = None,
    burst_r: float = 1.0,
    delay_term: DelayTerm = "full",
) -> Mos | None:
    """MOS of one stream of `n` packets; None where no codec row tells its scale.

    Without `one_way_ms` the score is of scope LQ and holds no delay. `delay_term` is for narrowband; wideband and
    fullband use Idd. `burst_r` is for narrowband.

    >>> f"{rate(codec_named('PCMU'), 0.02, 5000, one_way_ms=100).value:.2f}"
    '4.15'
    """
    if codec is None:
        return None
    burst, term = floats([burst_r]), _term(codec, one_way_ms is not None, delay_term)
    r = _r(codec, floats([loss_ratio]), floats([one_way_ms]), burst, term)
    key = MosKey(codec.scale, "LQ" if term == "none" else "CQ", _model(codec), codec.standing, codec.bpl_source, term)
    if np.isnan(r[0]):
        return Mos(key, None, None, n, _reasons(codec, floats([loss_ratio]))[0].as_py())
    return Mos(key, float(_mos(codec, r)[0]), float(r[0]), n)


SCHEMA = pa.schema(
    [
        pa.field("codec_row", pa.string(), metadata={"description": "Row of the codec table."}),
        pa.field("scale", pa.string(), metadata={"description": "NB, WB or FB; scales are never mixed."}),
        pa.field("scope", pa.string(), metadata={"description": "LQ without delay, CQ with it."}),
        pa.field("model", pa.string(), metadata={"description": "g107, g107.1 or g107.2."}),
        pa.field("standing", pa.string(), metadata={"description": "How far the codec's row can be trusted."}),
        pa.field("bpl_source", pa.string(), metadata={"description": "Where the codec's row comes from."}),
        pa.field("delay_term", pa.string(), metadata={"description": "full, idd, cole_rosenbluth or none."}),
        pa.field("r", pa.float64(), metadata={"description": "Rating factor on its scale."}),
        pa.field("mos", pa.float64(), metadata={"description": "Mean opinion score, 1..4.5."}),
        pa.field("mos_low", pa.float64(), metadata={"description": "Least MOS of the three delay terms."}),
        pa.field("mos_high", pa.float64(), metadata={"description": "Greatest MOS of the three delay terms."}),
        pa.field("why", pa.string(), metadata={"description": "Why there is no MOS."}),
    ]
)


def rate_columns(
    codec: pa.Array | pa.ChunkedArray | Sequence[str | None],
    loss_ratio: Any,
    *,
    one_way_ms: Any = None,
    burst_r: Any = 1.0,
    kbps: Any = None,
    opus_bandwidth: Bandwidth | Literal["by_rate"] | None = None,
    delay_term: DelayTerm = "full",
) -> pa.Table:
    """MOS of many streams: a table of `SCHEMA` with one row for each codec name, in order.

    Opus is rated only where `opus_bandwidth` and the stream's `kbps` ask for the provisional table; "by_rate" takes the
    bandwidth whose bit rates these are.

    >>> rate_columns(["PCMU", "G722"], [0.02, 0.0]).select(["mos", "why"]).to_pylist()[1]
    {'mos': None, 'why': 'no equipment impairment (Ie) is published for the codec'}
    """
    names = _one_chunk(codec).dictionary_encode()
    loss, delay, burst, rates = (_spread(each, len(names)) for each in (loss_ratio, one_way_ms, burst_r, kbps))
    known = names.dictionary.to_pylist()
    at_name = names.indices.fill_null(len(known)).to_numpy().astype(np.int64)
    is_opus = np.array([name.upper() == "OPUS" for name in known] + [False])[at_name]
    at_rate = np.where(is_opus & (rates >= 0) & (rates < 1e6), np.round(np.nan_to_num(rates, posinf=0)), -1).astype(
        np.int64
    )
    span = int(at_rate.max(initial=0)) + 2
    groups, group_of = np.unique(at_name * span + at_rate + 1, return_inverse=True)
    parts, places = [_empty(0)], [np.empty(0, np.int64)]
    for group, (name_at, rate_at) in enumerate(divmod(each, span) for each in groups.tolist()):
        row = _row([*known, None][name_at], rate_at - 1, opus_bandwidth)
        rows = np.flatnonzero(group_of == group)
        parts.append(_rated(row, loss[rows], delay[rows], burst[rows], delay_term))
        places.append(rows)
    return pa.concat_tables(parts).take(pa.array(np.argsort(np.concatenate(places))))


def _one_chunk(names: pa.Array | pa.ChunkedArray | Sequence[str | None]) -> pa.Array:
    if isinstance(names, pa.ChunkedArray):
        names = names.combine_chunks()
    return names.cast(pa.string()) if isinstance(names, pa.Array) else pa.array(names, type=pa.string())


def _row(name: str | None, kbps: float, bandwidth: Bandwidth | Literal["by_rate"] | None) -> Codec | None:
    if kbps >= 0 and bandwidth is not None:
        return opus_by_rate(kbps) if bandwidth == "by_rate" else opus(bandwidth, kbps)
    return None if name is None else codec_named(name)


def _rated(codec: Codec | None, loss: FloatArray, delay: FloatArray, burst: FloatArray, wanted: DelayTerm) -> pa.Table:
    """The rows of one codec, those with a delay apart from those without."""
    if codec is None:
        return _empty(len(loss))
    known = ~np.isnan(delay)
    term = _term(codec, True, wanted)
    with_delay, without = _r(codec, loss, delay, burst, term), _r(codec, loss, delay, burst, "none")
    r = np.where(known, with_delay, without)
    mos = _mos(codec, r)
    variants: tuple[DelayTerm, ...] = ("full", "idd", "cole_rosenbluth") if codec.scale == "NB" else ()
    band = [_mos(codec, _r(codec, loss, delay, burst, variant)) for variant in variants] or [np.full(len(r), np.nan)]
    n = len(r)
    return pa.table(
        [
            *(pa.repeat(text, n) for text in (codec.name, codec.scale)),
            pa.array(np.where(known & (term != "none"), "CQ", "LQ"), type=pa.string()),
            *(pa.repeat(text, n) for text in (_model(codec), codec.standing, codec.bpl_source)),
            pa.array(np.where(known, term, "none"), type=pa.string()),
            *map(nullable, (r, mos, np.minimum.reduce(band), np.maximum.reduce(band))),
            pc.if_else(pa.array(np.isnan(r)), _reasons(codec, loss), None),
        ],
        schema=SCHEMA,
    )


def _r(codec: Codec, loss: FloatArray, delay: FloatArray, burst: FloatArray, term: DelayTerm) -> FloatArray:
    """R on the codec's own scale; NaN where it can't be had."""
    band = _BANDS.get(codec.scale)
    equipment = _equipment(
        codec, loss, burst if band is None else np.ones_like(burst), 95 if band is None else band.greatest
    )
    if band is not None:
        delayed = 0.0 if term == "none" else band.delay_stretch * idd(delay)
        return band.base - delayed - equipment
    if term == "none":
        return e_model(np.zeros_like(loss), equipment).r
    if term == "cole_rosenbluth":
        return SIMPLIFIED_BASE - cole_rosenbluth(delay) - equipment
    terms = e_model(delay, equipment)
    return terms.r if term == "full" else terms.r + terms.delay - terms.idd


def _equipment(codec: Codec, loss: FloatArray, burst: FloatArray, greatest: float) -> FloatArray:
    nothing = np.full(len(loss), np.nan)
    if codec.ie is None:
        return nothing
    lossless = np.where(loss == 0, codec.ie, nothing)
    if codec.bpl is None:
        return lossless
    within = np.where((loss >= 0) & (loss <= 1), loss, nothing)
    return ie_eff(codec.ie, codec.bpl, within * 100, burst, greatest)


def _reasons(codec: Codec, loss: FloatArray) -> pa.Array:
    """Why there is no score, if there is none."""
    if codec.ie is None:
        return pa.repeat(NO_IE, len(loss))
    outside = (loss < 0) | (loss > 1)
    reasons = np.where(np.isnan(loss), NO_LOSS, np.where(outside, BAD_LOSS, NO_BPL))
    return pa.array(reasons, type=pa.string())


def _mos(codec: Codec, r: FloatArray) -> FloatArray:
    return mos_of_r(r / _BANDS[codec.scale].stretch if codec.scale in _BANDS else r)


def _model(codec: Codec) -> str:
    return _BANDS[codec.scale].model if codec.scale in _BANDS else "g107"


def _term(codec: Codec, has_delay: bool, wanted: DelayTerm) -> DelayTerm:
    if not has_delay or wanted == "none":
        return "none"
    return wanted if codec.scale == "NB" else "idd"


def _spread(values: Any, n: int) -> FloatArray:
    """A column of n numbers from one number, a column, or None (all null)."""
    return np.broadcast_to(floats(values), (n,))


def _empty(n: int) -> pa.Table:
    columns = [pa.nulls(n, kind) for kind in SCHEMA.types[:-1]]
    return pa.table([*columns, pa.repeat(NO_ROW, n)], schema=SCHEMA)
