"""The E-model of ITU-T G.107 (narrowband), with all its terms. Levels in dB or dBm, delays in ms, R from 0 to 100."""

from __future__ import annotations

from dataclasses import dataclass
from math import log10
from typing import Any, Generic, NamedTuple

import numpy as np

from wcsanalytics.quality.arrays import Numbers
from wcsanalytics.quality.delay import idd
from wcsanalytics.quality.opinion import mos_of_r


@dataclass(frozen=True, slots=True)
class Circuit:
    """What G.107 table 1 asks of a connection besides delay, codec and loss; the defaults are those of the table.

    Raises:
        ValueError: the sidetone (`stmr`) is outside 9..20 dB, where G.107 has other formulas.

    """

    slr: float = 8
    rlr: float = 2
    stmr: float = 15
    ds: float = 3
    dr: float = 3
    telr: float = 65
    wepl: float = 110
    qdu: float = 1
    nc: float = -70
    nfor: float = -64
    ps: float = 35
    pr: float = 35
    advantage: float = 0

    def __post_init__(self) -> None:
        if not 9 <= self.stmr <= 20:
            raise ValueError(f"stmr {self.stmr} dB is outside 9..20")


DEFAULT_CIRCUIT = Circuit()


class Terms(NamedTuple, Generic[Numbers]):
    """Every term of R = Ro - Is - Id - Ie,eff + A, and the MOS."""

    no: float
    ro: float
    iolr: float
    ist: Numbers
    iq: float
    simultaneous: Numbers
    idte: Numbers
    idle: Numbers
    idd: Numbers
    delay: Numbers
    equipment: Numbers
    r: Numbers
    mos: Numbers


def ie_eff(
    ie: float, bpl: float, loss_percent: Numbers, burst_r: Numbers | float = 1.0, greatest: float = 95
) -> Numbers:
    """Effective equipment impairment Ie + (95 - Ie) * Ppl / (Ppl / BurstR + Bpl), with the loss in per cent.

    >>> round(ie_eff(11, 19, 1.0), 2)
    15.2
    """
    impairment: Numbers = ie + (greatest - ie) * loss_percent / (loss_percent / burst_r + bpl)
    return impairment


def e_model(
    one_way_ms: Numbers, equipment: Numbers | float = 0.0, circuit: Circuit = DEFAULT_CIRCUIT
) -> Terms[Numbers]:
    """All terms of G.107 for a one-way delay d (T = Ta = d, Tr = 2d) and an effective equipment impairment.

    >>> f"{e_model(0.0).r:.4f} {e_model(150.0, ie_eff(11, 19, 1.0)).mos:.2f}"
    '93.2062 3.79'
    """
    no, ro = _noise(circuit)
    iolr, iq = _loudness(circuit, no), _quantising(circuit, ro)
    ist = _sidetone(circuit, one_way_ms)
    idte, idle = _talker_echo(circuit, no, one_way_ms), _listener_echo(circuit, ro, one_way_ms)
    absolute = idd(one_way_ms)
    simultaneous: Numbers = iolr + ist + iq
    delay: Numbers = idte + idle + absolute
    r: Numbers = ro - simultaneous - delay - equipment + circuit.advantage
    lost: Numbers = equipment + 0 * r
    return Terms(no, ro, iolr, ist, iq, simultaneous, idte, idle, absolute, delay, lost, r, mos_of_r(r))


def _noise(c: Circuit) -> tuple[float, float]:
    """Sum of the noises at the 0 dBr point (No), and the signal-to-noise ratio (Ro)."""
    olr = c.slr + c.rlr
    sender = c.ps - c.slr - c.ds - 100 + 0.004 * (c.ps - olr - c.ds - 14) ** 2
    heard = c.pr + 10 * log10(1 + 10 ** ((10 - (c.stmr + c.dr)) / 10))
    receiver = c.rlr - 121 + heard + 0.008 * (heard - 35) ** 2
    floor = c.nfor + c.rlr
    no = 10 * log10(sum(10 ** (level / 10) for level in (c.nc, sender, receiver, floor)))
    return no, 15 - 1.5 * (c.slr + no)


def _loudness(c: Circuit, no: float) -> float:
    """Iolr: too low an overall loudness rating."""
    x = c.slr + c.rlr + 0.2 * (64 + no - c.rlr)
    return 20 * float((1 + (x / 8) ** 8) ** (1 / 8) - x / 8)


def _sidetone(c: Circuit, t: Numbers) -> Numbers:
    """Ist: non-optimum sidetone."""
    stmr = -10 * np.log10(10 ** (-c.stmr / 10) + np.exp(-t / 4) * 10 ** (-c.telr / 10))
    return (  # type: ignore[no-any-return]  # numpy's functions of a float are untyped
        12 * (1 + ((stmr - 13) / 6) ** 8) ** (1 / 8)
        - 28 * (1 + ((stmr + 1) / 19.4) ** 35) ** (1 / 35)
        - 13 * (1 + ((stmr - 3) / 33) ** 13) ** (1 / 13)
        + 29
    )


def _quantising(c: Circuit, ro: float) -> float:
    """Iq: quantising distortion."""
    q = 37 - 15 * log10(c.qdu)
    g = 1.07 + 0.258 * q + 0.0602 * q * q
    y, z = (ro - 100) / 15 + 46 / 8.4 - g / 9, 46 / 30 - g / 40
    return 15 * log10(1 + 10**y + 10**z)


def _talker_echo(c: Circuit, no: float, t: Numbers) -> Numbers:
    """Idte, 0 below 1 ms."""
    terv = c.telr - 40 * np.log10((1 + t / 10) / (1 + t / 150)) + 6 * np.exp(-0.3 * t * t)
    echo, own = 80 + 2.5 * (terv - 14), -1.5 * (no - c.rlr)
    half = (own - echo) / 2
    impairment: Any = np.where(np.less(t, 1), 0.0, (half + np.sqrt(half * half + 100) - 1) * (1 - np.exp(-t)))
    talker: Numbers = impairment[()]
    return talker


def _listener_echo(c: Circuit, ro: float, t: Numbers) -> Numbers:
    """Idle, with the round trip Tr = 2 t."""
    rle = 10.5 * (c.wepl + 7) * (2 * t + 1) ** -0.25
    half = (ro - rle) / 2
    listener: Numbers = half + np.sqrt(half * half + 169)
    return listener
