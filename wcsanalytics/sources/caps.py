"""How far input may unfold: the caps of this room, all of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caps:
    """What makes a source be refused, or cut where it gets past. They act on bytes produced, not on what headers say.

    Ratios are of unfolded to stored bytes: hooks of one stream shrink by 110 in gz and by 1500 in zst, while zeros
    shrink by 1032 and by 30000. No ratio is judged before `free_bytes` were made, since short files may be uniform.
    `archive_ratio` holds for all members of an archive together; a day of client logs is some thousand members. A zip
    within an archive is read from its end, so all of it is held: `nested_bytes` at the most.
    """

    gz_ratio: int = 300
    zst_ratio: int = 3000
    archive_ratio: int = 3000
    free_bytes: int = 1 << 20
    unfolded_bytes: int = 256 << 30
    members: int = 10_000
    nested_bytes: int = 64 << 20


USUAL = Caps()
