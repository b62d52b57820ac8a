"""Scenes with published and played streams."""

from collections.abc import Callable

from sample_data import cast
from sample_data.session_scenes import connect, connect_encoder, disconnect, stay, vanish
from sample_data.stage import DEFAULT_APP, WEBINAR_APP, App, Client, Fate, Stage
from sample_data.streams import (
    STOPPED_BY_USER,
    STOPPED_WITH_PUBLISHER,
    Stream,
    end,
    fail,
    keep_alive,
    play,
    publish,
    request,
    start,
    status_fields,
    stop,
    stream_name,
)


def lecture(stage: Stage, at: int) -> None:
    """One publisher; one viewer leaves early, the other stays to the end."""
    _lecture(stage, at, DEFAULT_APP)


def webinar(stage: Stage, at: int) -> None:
    """The same before a PHP backend."""
    _lecture(stage, at, WEBINAR_APP)


def _lecture(stage: Stage, at: int, app: App) -> None:
    name = stream_name(stage)
    talk = publish(stage, at, name, app)
    early = play(stage, talk.client.at + stage.seconds(2, 60), name, app)
    loyal = play(stage, talk.client.at + stage.seconds(2, 90), name, app)
    early.client.wait(15, 240)
    stop(early)
    disconnect(early.client)
    talk.client.at = max(early.client.at, loyal.client.at)
    talk.client.wait(20, 600)
    stop(talk)
    loyal.client.at = talk.client.at + stage.rng.randrange(5, 60)
    end(loyal, STOPPED_WITH_PUBLISHER, "publisher_gone")
    disconnect(loyal.client)
    disconnect(talk.client)


def publisher_lost(stage: Stage, at: int) -> None:
    """The publisher's browser is closed; its viewer loses the picture."""
    name = stream_name(stage)
    talk = publish(stage, at, name)
    viewer = play(stage, talk.client.at + stage.seconds(2, 40), name)
    talk.client.at = viewer.client.at + stage.seconds(20, 400)
    end(talk, "Stopped by session disconnect", "session_lost")
    viewer.client.at = talk.client.at + stage.rng.randrange(5, 60)
    end(viewer, STOPPED_WITH_PUBLISHER, "publisher_gone")
    disconnect(talk.client)
    viewer.client.wait(1, 20)
    disconnect(viewer.client)


def watched_over(stage: Stage, at: int) -> None:
    """A publisher with keep-alives, who is muted for a while."""
    name = stream_name(stage)
    talk = publish(stage, at, name)
    viewer = play(stage, talk.client.at + stage.seconds(1, 5), name)
    for muted in (True, False):
        keep_alive(talk, talk.client.at + stage.seconds(25, 45))
        _mute(talk, viewer, muted)
    viewer.client.at = max(viewer.client.at, talk.client.at)
    stop(viewer)
    disconnect(viewer.client)
    keep_alive(talk, talk.client.at + stage.seconds(15, 30))
    stop(talk)
    disconnect(talk.client)


def _mute(talk: Stream, viewer: Stream, muted: bool) -> None:
    kind = "audioMuted" if muted else "audioUnmuted"
    talk.client.hook("sendStreamEvent", {"mediaSessionId": talk.about["mediaSessionId"], "type": kind})
    viewer.client.at = max(viewer.client.at, talk.client.at)
    viewer.client.event("StreamEvent", {"mediaSessionId": viewer.about["mediaSessionId"], "type": kind})
    talk.about["audioState"] = {"muted": muted}


def second_try(first_info: str) -> Callable[[Stage, int], None]:
    """A scene: a publisher whose first attempt fails before media flow, and whose second succeeds."""

    def scene(stage: Stage, at: int) -> None:
        client = connect(stage, at)
        first = request(client, f"studio-{client.number}", published=True)
        client.wait(0.1, 8)
        fail(first, first_info, started=False)
        client.wait(2, 15)
        second = request(client, f"studio-{client.number}", published=True)
        start(second)
        client.wait(30, 400)
        stop(second)
        disconnect(client)

    return scene


def nothing_to_see(stage: Stage, at: int) -> None:
    """A viewer who asks for what can't be had."""
    client = connect(stage, at)
    for info in ("Stream not found", "Failed to connect to origin stream"):
        fail(request(client, f"gone-{client.number}", published=False), info, started=False)
        client.wait(2, 15)
    disconnect(client)


def broken_while_live(stage: Stage, at: int) -> None:
    """Streams that had started and then fail."""
    client = connect(stage, at)
    writer = stage.rng.choice(("Failed by HLS writer error", "Failed by RTMP writer error"))
    for info in ("Failed by RTP activity", "Failed by ICE keep alive", writer):
        stream = request(client, f"live-{client.number}", published=True)
        start(stream)
        client.wait(10, 120)
        fail(stream, info, started=True)
        client.wait(2, 10)
    disconnect(client)


def impatient(stage: Stage, at: int) -> None:
    """A viewer who stops before the first picture, waits, and stays the second time."""
    name = stream_name(stage)
    talk = publish(stage, at, name)
    client = connect(stage, talk.client.at + stage.seconds(1, 9))
    early = request(client, name, published=False)
    early.asks("stopStream", "PENDING")
    early.status("STOPPED", STOPPED_BY_USER)
    early.counts("left_before_start", "asked", STOPPED_BY_USER)
    client.wait(3, 20)
    late = request(client, name, published=False)
    start(late)
    client.wait(20, 90)
    stop(late)
    disconnect(client)
    talk.client.at = client.at
    stop(talk)
    disconnect(talk.client)


def resumed(stage: Stage, at: int) -> None:
    """A viewer pauses and plays on under the same id."""
    name = stream_name(stage)
    talk = publish(stage, at, name)
    viewer = play(stage, talk.client.at + stage.seconds(1, 9), name)
    client = viewer.client
    client.wait(10, 60)
    viewer.asks("pauseStream", "PLAYING")
    viewer.status("PAUSED")
    client.wait(10, 90)
    viewer = request(client, name, published=False, media_session_id=viewer.about["mediaSessionId"])
    start(viewer)
    client.wait(10, 60)
    stop(viewer)
    disconnect(client)
    talk.client.at = client.at
    stop(talk)
    disconnect(talk.client)


def encoder(stage: Stage, at: int) -> None:
    """An RTMP encoder publishes; in the second of three rounds it falls silent, and its id tells by coming back."""
    falls_silent = stage.encoders // stage.rounds == 1
    client = connect_encoder(stage, at)
    asked = {"mediaSessionId": cast.uuid4(stage.rng), "name": stream_name(stage), "published": True}
    fields = {**asked, "hasVideo": True, "hasAudio": True, "status": "NEW", "record": False, "mediaProvider": "Flash"}
    client.hook("publishStream", {**fields, "bitrate": 0, "sdp": ""})
    stream = Stream(client, status_fields(client, asked, "Flash"), published=True)
    stream.status("PENDING")
    client.wait(0.1, 0.9)
    stream.status("PUBLISHING", "Unknown")  # what older servers say when all is well
    if falls_silent:
        stream.counts("vanished", "vanished")
        vanish(client)
    else:
        client.wait(30, 90)
        stop(stream)
        disconnect(client)


def hls_viewer(stage: Stage, at: int) -> None:
    """A player of an HLS list, whose session has no client fields."""
    page = cast.new_page(stage.rng)
    stage.clients += 1
    pair = cast.address_pair(page.address, page.port, cast.HLS_PORT)
    client = Client(stage, DEFAULT_APP, pair, page, stage.clients, {"origin": page.origin}, at)
    client.hook("connect", client.about)
    client.event("ConnectionStatusEvent", {**client.about, "status": "ESTABLISHED"})
    name = f"hall-{client.number}"
    asked = {"mediaSessionId": f"{cast.uuid4(stage.rng)}-{name}-HLS", "name": name}
    token = {"token": f"PLANTED-custom-token-{client.number}"}
    client.hook("playHLS", {**asked, "mediaProvider": "HLS", "custom": token})
    stream = Stream(client, status_fields(client, {**asked, "published": False}, "HLS"), published=False)
    stream.status("PENDING")
    client.wait(1, 4)
    start(stream)
    client.wait(30, 300)
    end(stream, "Requested stream shutdown", "asked")
    disconnect(client)


def camera(stage: Stage, at: int) -> None:
    """A camera behind an RTSP address with a password: found once, not found once, named wrongly once."""
    address = "rtsp://user:PLANTED-rtsp-password@203.0.113.60:554/live"
    client = connect(stage, at)
    shown = request(client, f"{address}/1", published=False)
    start(shown)
    client.wait(20, 200)
    stop(shown)
    for info in ("Rtsp stream not found", "Failed to connect to rtsp stream"):
        fail(request(client, f"{address}/9", published=False), info, started=False)
    disconnect(client)


def renamed(stage: Stage, at: int) -> None:
    """The backend gives the stream another name than the client asked for."""
    client = connect(stage, at, about={"custom": {"token": f"PLANTED-custom-token-{stage.clients + 1}", "room": "r1"}})
    stream = request(client, "my stream", published=True, changes={"name": f"channel-{client.number}"})
    start(stream)
    client.wait(20, 200)
    stop(stream)
    disconnect(client)


def ended_by_admin(stage: Stage, at: int) -> None:
    """Someone ends the stream through the REST interface."""
    stream = publish(stage, at, stream_name(stage))
    stream.client.wait(20, 300)
    end(stream, "Stopped by rest /terminate", "admin")
    disconnect(stream.client)


def silent_publisher(stage: Stage, at: int) -> None:
    """A publisher with keep-alives of whom nothing more is heard."""
    stream = publish(stage, at, stream_name(stage))
    keep_alive(stream, stream.client.at + stage.seconds(40, 80))
    stream.counts("vanished", "vanished")
    vanish(stream.client)


def slow_backend(stage: Stage, at: int) -> None:
    """A stream during which the backend does not answer as it should."""
    stream = publish(stage, at, stream_name(stage))
    client = stream.client
    for fate in (Fate.LOST, Fate.RETRIED, Fate.TIMED_OUT, Fate.LOST):
        client.wait(4, 9)
        client.hook("StreamKeepAliveEvent", {**stream.about, "status": "PUBLISHING"}, fate=fate)
    stop(stream)
    disconnect(client)


def open_at_the_end(stage: Stage, at: int) -> None:
    """A publisher and a viewer who are there when the capture ends."""
    name = stream_name(stage)
    talk = publish(stage, at, name)
    viewer = play(stage, talk.client.at + stage.seconds(1, 30), name)
    for stream in (talk, viewer):
        keep_alive(stream, stage.end)
        stream.counts("open", "open")
        stay(stream.client)


def over_midnight(stage: Stage, at: int) -> None:
    """A stream that ends as the day does: the question stands in the old file, the answer in the new."""
    stream = publish(stage, at, stream_name(stage))
    stream.client.at = stage.midnight + 86_400_000 - 2
    stop(stream)
    disconnect(stream.client)
