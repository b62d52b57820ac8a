"""Which scenes a day has, how often, and when: a deck of cards dealt again and again."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import accumulate

from sample_data import busy_scenes, call_scenes, desk_scenes, session_scenes, stream_scenes
from sample_data.stage import Stage

Scene = Callable[[Stage, int], None]

DECK: tuple[tuple[Scene, int], ...] = (
    (stream_scenes.lecture, 3),
    (stream_scenes.webinar, 1),
    (stream_scenes.publisher_lost, 1),
    (stream_scenes.watched_over, 1),
    (stream_scenes.second_try("Failed by ICE timeout"), 1),
    (stream_scenes.second_try("Failed by DTLS fingerprint error"), 1),
    (stream_scenes.second_try("No common codecs"), 1),
    (stream_scenes.second_try("Stream name is already in use"), 1),
    (stream_scenes.second_try("Failed by error"), 1),
    (stream_scenes.nothing_to_see, 1),
    (stream_scenes.broken_while_live, 1),
    (stream_scenes.impatient, 1),
    (stream_scenes.resumed, 1),
    (stream_scenes.encoder, 3),
    (stream_scenes.hls_viewer, 1),
    (stream_scenes.camera, 1),
    (stream_scenes.renamed, 1),
    (stream_scenes.ended_by_admin, 1),
    (stream_scenes.silent_publisher, 1),
    (stream_scenes.slow_backend, 1),
    (call_scenes.agent, 2),
    (call_scenes.unlucky_agent, 1),
    (call_scenes.troubled_agent, 1),
    (call_scenes.switchboard, 2),
    (call_scenes.wrong_password, 1),
    (desk_scenes.room, 1),
    (desk_scenes.chatter, 1),
    (desk_scenes.unhappy_user, 1),
    (session_scenes.refused, 1),
    (session_scenes.refused_for_want_of_backend, 1),
    (session_scenes.failed_later, 1),
    (session_scenes.lost_without_trace, 1),
    (session_scenes.reconnecting, 1),
    (session_scenes.with_policy, 1),
)
DECK_SESSIONS = 54  # of one round

BUSY_DECK: tuple[tuple[Scene, int], ...] = ((busy_scenes.viewer, 6), (busy_scenes.speaker, 2), (busy_scenes.caller, 2))

# Minutes from the end of the day, the scene's sessions, the scene.
LATE: tuple[tuple[int, int, Scene], ...] = (
    (-8, 1, call_scenes.talking_at_the_end),
    (-1, 1, stream_scenes.over_midnight),
    (5, 2, stream_scenes.publisher_lost),
    (14, 1, session_scenes.with_policy),
    (37, 2, stream_scenes.open_at_the_end),
)
LATE_SESSIONS = sum(sessions for _, sessions, _ in LATE)
TAIL_MINUTES = 40  # no scene lasts longer, so that all but the open ones end before the capture does

_HOUR_WEIGHTS = (3, 2, 1, 1, 1, 2, 3, 5, 8, 10, 10, 9, 8, 9, 10, 10, 11, 13, 17, 21, 22, 18, 11, 5)
_HOUR_SUMS = tuple(accumulate(_HOUR_WEIGHTS, initial=0))


def hour_of(share: float) -> float:
    """The hour by which that share of a day's sessions has begun; the evening is the busiest time."""
    weight = share * _HOUR_SUMS[-1]
    hour = min(bisect_right(_HOUR_SUMS, weight), len(_HOUR_WEIGHTS)) - 1
    return hour + (weight - _HOUR_SUMS[hour]) / _HOUR_WEIGHTS[hour]


def rounds(sessions: int) -> int:
    """How many times the deck is dealt, wholly or in part, for so many sessions."""
    return max(1, -(-_in_deck(sessions) // DECK_SESSIONS))


def _late_rounds(sessions: int) -> int:
    return max(1, sessions // 500)


def _in_deck(sessions: int) -> int:
    return sessions - _late_rounds(sessions) * LATE_SESSIONS


def scenes(stage: Stage, sessions: int, cards: tuple[tuple[Scene, int], ...] = DECK) -> Iterator[tuple[int, Scene]]:
    """The scenes of the day with their start, in order; the last round may stop half-way."""
    daytime = _in_deck(sessions)
    day_ms = 86_400_000 - 20 * 60_000
    while stage.clients < daytime:
        hand = [scene for scene, copies in cards for _ in range(copies)]
        stage.rng.shuffle(hand)
        while hand and stage.clients < daytime:
            share = min((stage.clients + stage.rng.random()) / daytime, 1.0)
            yield stage.midnight + int(hour_of(share) / 24 * day_ms), hand.pop()
    midnight = stage.midnight + 86_400_000
    for minutes, _, scene in LATE:
        starts = sorted(stage.rng.randrange(30_000) for _ in range(_late_rounds(sessions)))
        for start in starts:
            yield midnight + minutes * 60_000 + start, scene
