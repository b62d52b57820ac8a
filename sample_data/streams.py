"""What a stream does: it is asked for, starts, is kept alive, ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sample_data.session_scenes import connect
from sample_data.stage import DEFAULT_APP, App, Client, Stage
from sample_data.wire import Body, sdp

STOPPED_BY_USER = "Stopped by user"
STOPPED_WITH_PUBLISHER = "Stopped by publisher stop"
BROKEN_DECODER = (
    "Can't decode\njava.lang.IllegalStateException: no key frame yet\n"
    "\tat com.example.media.Decoder.decode(Decoder.java:88)\n"
    "\tat java.base/java.lang.Thread.run(Thread.java:840)\n"
    "Caused by: java.nio.BufferUnderflowException\n\t... 2 more"
)


@dataclass
class Stream:
    """One publish or play: who asked, and the fields that every status repeats."""

    client: Client
    about: Body
    published: bool

    def status(self, status: str, info: str = "") -> None:
        """Send one StreamStatusEvent."""
        told = {"status": status, "info": info} if info else {"status": status}
        self.client.event("StreamStatusEvent", {**self.about, **told})

    def asks(self, method: str, status: str) -> None:
        """The client asks something about its stream, with the constants that the SDK always sends."""
        kept = {key: self.about[key] for key in ("mediaSessionId", "name", "published")}
        self.client.hook(method, {**kept, "hasVideo": True, "hasAudio": True, "status": status, "record": False})

    def counts(self, outcome: str, ended_how: str, info: str = "") -> None:
        """Enter the stream into the truth of the day."""
        truth = self.client.stage.truth
        truth.streams[outcome] += 1
        truth.streams_ended_how[ended_how] += 1
        if info:
            truth.stream_infos[info] += 1


def request(client: Client, name: str, published: bool, **more: Any) -> Stream:
    """Ask for a stream over WebRTC and hear that it is pending."""
    rng = client.stage.rng
    media_session_id = more.pop("media_session_id", None) or client.new_id()
    asked: Body = {"mediaSessionId": media_session_id, "name": name, "published": published}
    offer = sdp(rng, client.number, "sendonly" if published else "recvonly", video=True)
    fixed = {"hasVideo": True, "hasAudio": True, "status": "PENDING", "record": False, "mediaProvider": "WebRTC"}
    limits = {"bitrate": 0, "minBitrate": 0, "maxBitrate": 0}
    changes = more.pop("changes", None)
    client.hook("publishStream" if published else "playStream", {**asked, **fixed, "sdp": offer, **limits}, changes)
    stream = Stream(client, status_fields(client, {**asked, **(changes or {})}, "WebRTC"), published)
    stream.status("PENDING")
    client.wait(0.25, 2.2)
    return stream


def status_fields(client: Client, asked: Mapping[str, Any], provider: str) -> Body:
    """What every StreamStatusEvent of the stream repeats."""
    rng = client.stage.rng
    published = asked["published"]
    codec = "H264" if provider != "WebRTC" or rng.random() < 0.4 else "VP8"
    return {
        **asked,
        "hasVideo": True,
        "hasAudio": True,
        "audioCodec": "opus" if provider == "WebRTC" else "mpeg4-generic",
        "videoCodec": codec,
        "record": False,
        "width": rng.choice((0, 640, 1280)),
        "height": 0,
        "bitrate": 0,
        "quality": 0,
        "transport": "TCP" if provider != "WebRTC" or rng.random() < 0.2 else "UDP",
        "createDate": client.at,
        "mediaType": "publish" if published else "play",
        "audioState": {"muted": False},
        "videoState": {"muted": False},
        "mediaProvider": provider,
        "origin": client.page.origin,
    }


def start(stream: Stream) -> None:
    """Media flow."""
    stream.status("PUBLISHING" if stream.published else "PLAYING")


def stop(stream: Stream) -> None:
    """The client ends its stream."""
    stream.asks(*(("unPublishStream", "PUBLISHING") if stream.published else ("stopStream", "PLAYING")))
    end(stream, STOPPED_BY_USER, "asked")


def end(stream: Stream, info: str, ended_how: str) -> None:
    """The stream that had started ends, but not in failure."""
    stream.status("UNPUBLISHED" if stream.published else "STOPPED", info)
    stream.counts("completed", ended_how, info)


def fail(stream: Stream, info: str, *, started: bool) -> None:
    """The stream ends in failure."""
    stage, at = stream.client.stage, stream.client.at
    stage.log(at, "WARN", "Publication", f"Stream {stream.about['mediaSessionId']} failed: {info}")
    if info == "Failed by error":
        stage.log(at, "ERROR", "Publication", BROKEN_DECODER)
    stream.status("FAILED", info)
    stream.counts("failed" if started else "failed_to_start", "failed", info)


def keep_alive(stream: Stream, until: int) -> None:
    """The server's ticks, one every ten seconds."""
    stage, status = stream.client.stage, "PUBLISHING" if stream.published else "PLAYING"
    tick = stream.client.at + 10_000
    while tick < until:
        stream.client.at = tick
        stream.client.event("StreamKeepAliveEvent", {**stream.about, "status": status})
        tick += 10_000 + stage.rng.randrange(-3, 4)
    stream.client.at = max(stream.client.at, until)


def publish(stage: Stage, at: int, name: str, app: App = DEFAULT_APP) -> Stream:
    """A browser connects and publishes."""
    stream = request(connect(stage, at, app), name, published=True)
    start(stream)
    return stream


def play(stage: Stage, at: int, name: str, app: App = DEFAULT_APP) -> Stream:
    """A browser connects and plays."""
    stream = request(connect(stage, at, app), name, published=False)
    start(stream)
    return stream


def stream_name(stage: Stage) -> str:
    """A name that no other publisher of the day has."""
    stem = stage.rng.choice(("hall", "lobby-cam", "lecture", "keynote", "yard"))
    return f"{stem}-{stage.clients + 1}"
