"""Size and digest of bytes as they pass."""

from __future__ import annotations

from collections.abc import Sequence

from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from wcsanalytics.intake.content import Measure

LENGTHS = st.integers(0, 5) | st.integers(1022, 3000)
"""Few bytes, or more than a block of the digest, which has 1024."""

SAID = bytes(range(251)) * 60


@given(lengths=st.lists(LENGTHS, max_size=5), places=st.lists(st.floats(0, 1), max_size=3))
def test_digests_are_those_of_all_that_has_passed(lengths: Sequence[int], places: Sequence[float]) -> None:
    chunks = [SAID[number : number + length] for number, length in enumerate(lengths)]
    whole = b"".join(chunks)
    sizes = [round(place * len(whole)) for place in places]
    measure = Measure(sizes)

    for chunk in chunks:
        measure.add(chunk)

    assert (measure.size, measure.digest) == (len(whole), blake3(whole).hexdigest())
    told = {size: blake3(whole[:size]).hexdigest() for size in sizes} if chunks else {}
    assert measure.at == told
