"""Scenes of a busy node: many streams with keep-alives, long offers, a talkative server."""

from sample_data import call_scenes, cast
from sample_data.offers import offer
from sample_data.session_scenes import connect, disconnect
from sample_data.stage import DEFAULT_APP, WEBINAR_APP, Client, Exchange, Stage
from sample_data.streams import STOPPED_WITH_PUBLISHER, Stream, end, start, status_fields, stop
from sample_data.wire import Body

LATER_FIELDS: Body = {
    "minBitrate": 0,
    "maxBitrate": 0,
    "timeShift": -1,
    "history": False,
    "gop": 0,
    "fps": 0,
    "audioBitrate": 0,
    "codecImpl": "",
    "cvoExtension": True,
}
"""What 5.2 tells of a stream besides."""

_INFO_LINES = (
    ("Publication", "{id} key frame requested, {n} ms since the last one, {m} frames decoded, 0 dropped"),
    ("WSClient", "{session} queue is empty after {n} messages, {m} bytes sent since the last report"),
    ("WSClient", "{session} answered the ping after {n} ms"),
    ("RtpActivityChecker", "{id} receiver report: packets {m}, lost 0, jitter {n}, last sender report {m}, delay {n}"),
    ("SessionManager", "Cleaned up in {n} ms: sessions {n}, streams {m}, agents {n}, recorders 0, transcoders 0"),
    (
        "ServerStatistics",
        '{{"threads" : {n}, "waiting" : [ ], "heap" : {{"used" : {m}, "free" : {m}}}, "queue" : {n}, "gc" : {n}}}',
    ),
    ("IceAgent", "{id} pair succeeded: local 203.0.113.10:{m} host UDP, nominated, round trip {n} ms"),
)
_WARN_LINES = (
    ("WSClient", "{session} is slow, {n} messages wait"),
    ("RtpActivityChecker", "{id} no packets for {n} ms, last sequence number {m}"),
)
_STACK = "".join(
    f"\n\tat com.example.media.{place}"
    for place in (
        "rtp.Depacketizer.assemble(Depacketizer.java:{n})",
        "rtp.Depacketizer.take(Depacketizer.java:188)",
        "pipeline.Stage.process(Stage.java:97)",
        "pipeline.Pipeline.lambda$run$4(Pipeline.java:311)",
        "pipeline.Worker.call(Worker.java:{n})",
    )
)
_ERROR = (
    "{id} can't decode\njava.lang.IllegalStateException: no key frame yet" + _STACK + "\n"
    "\tat java.base/java.util.concurrent.FutureTask.run(FutureTask.java:264)\n"
    "\tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1136)\n"
    "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    "Caused by: java.nio.BufferUnderflowException: {m}" + _STACK + "\n\t... 14 more"
)
LINES_AN_EXCHANGE = 7
OFFERS_REPEATED = 0.5


def viewer(stage: Stage, at: int) -> None:
    """Someone looks into several streams, one after another; some of them end with their publishers."""
    client = _enter(stage, at)
    for _ in range(stage.rng.choice((3, 4, 4))):
        stream, sdp = _begin(client, published=False)
        _live(stream, sdp)
        if stage.rng.random() < 0.35:
            end(stream, STOPPED_WITH_PUBLISHER, "publisher_gone")
        else:
            stop(stream)
    _leave(client, at)


def speaker(stage: Stage, at: int) -> None:
    """Someone publishes, plays two others meanwhile, and is muted for a while."""
    client = _enter(stage, at)
    own, sdp = _begin(client, published=True)
    for muted in (True, False):
        kind = {"mediaSessionId": own.about["mediaSessionId"], "type": "audioMuted" if muted else "audioUnmuted"}
        client.hook("sendStreamEvent", kind)
        own.about["audioState"] = {"muted": muted}
        other, _ = _begin(client, published=False)
        _live(other, "")
        client.event("StreamEvent", {**kind, "mediaSessionId": other.about["mediaSessionId"]})
        stop(other)
    _live(own, sdp)
    said = {"operationId": client.new_id()}
    client.hook("OnDataEvent", {**said, "payload": {"command": "leave", "options": {"name": own.about["name"]}}})
    client.event("DataStatusEvent", {**said, "status": "ACCEPTED"})
    stop(own)
    _leave(client, at)


def caller(stage: Stage, at: int) -> None:
    """A registered phone: two calls that are answered."""
    client = call_scenes.register(stage, at)
    for _ in range(2):
        call = call_scenes.answered(client)
        client.wait(10, 60)
        call_scenes.hang_up(call)
        client.wait(2, 10)
    _leave(client, at)


def _enter(stage: Stage, at: int) -> Client:
    rng = stage.rng
    app = WEBINAR_APP if rng.random() < 0.02 else DEFAULT_APP
    custom = {"token": f"PLANTED-custom-token-{stage.clients + 1}", "room": {"name": "r1", "seats": [1, 2]}}
    return connect(stage, at, app, about={"custom": custom} if rng.random() < 0.1 else None)


def _leave(client: Client, began: int) -> None:
    disconnect(client)
    _chat(client, began)


def _begin(client: Client, *, published: bool) -> tuple[Stream, str]:
    """A stream is asked for, is pending, starts; with its offer."""
    rng = client.stage.rng
    name = f"hall-{client.number}" if published else f"hall-{rng.randrange(1, client.number + 1)}"
    asked: Body = {"mediaSessionId": client.new_id(), "name": name, "published": published}
    sdp = offer(rng, client.number, "sendonly" if published else "recvonly", video=True)
    fixed = {"hasVideo": True, "hasAudio": True, "status": "PENDING", "record": False, "mediaProvider": "WebRTC"}
    limits = {"bitrate": 0, "minBitrate": 0, "maxBitrate": 0}
    client.hook("publishStream" if published else "playStream", {**asked, **fixed, "sdp": sdp, **limits})
    stream = Stream(client, {**status_fields(client, asked, "WebRTC"), **LATER_FIELDS}, published)
    stream.status("PENDING")
    client.wait(0.25, 2.2)
    start(stream)
    return stream, sdp


def _live(stream: Stream, sdp: str) -> None:
    """The server's ticks; not every server is told to leave the offer out."""
    client, rng = stream.client, stream.client.stage.rng
    told = {**stream.about, "status": "PUBLISHING" if stream.published else "PLAYING"}
    if sdp and rng.random() < OFFERS_REPEATED:
        told["sdp"] = sdp
    for _ in range(rng.choice((1, 2, 3, 3, 5))):
        client.at += 10_000 + rng.randrange(-3, 4)
        client.event("StreamKeepAliveEvent", told)


def _chat(client: Client, began: int) -> None:
    """The server's other lines of that time."""
    stage, rng = client.stage, client.stage.rng
    told = {"session": client.session_id, "id": cast.uuid4(rng)}
    for _ in range(LINES_AN_EXCHANGE * sum(isinstance(what, Exchange) for _, what in stage.happenings)):
        luck, n = rng.random(), rng.randrange(2, 90)
        if luck < 0.008:
            level, (logger, text) = "ERROR", ("Publication", _ERROR)
        elif luck < 0.03:
            level, (logger, text) = "WARN", _WARN_LINES[n % len(_WARN_LINES)]
        else:
            level, (logger, text) = "INFO", _INFO_LINES[n % len(_INFO_LINES)]
        at = began + int(rng.random() * (client.at - began))
        stage.log(at, level, logger, text.format(n=n, m=n * 7919, **told))
