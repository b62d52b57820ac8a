"""How sessions begin and end, and the scenes in which nothing else happens."""

from collections.abc import Mapping
from typing import Any

from sample_data import cast
from sample_data.stage import DEFAULT_APP, FLASH_APP, WEBINAR_APP, App, Client, Fate, Stage
from sample_data.wire import Body

DENIED = "Access denied"
PATIENCE_MS = 12 * 3_600_000


def arrive(stage: Stage, at: int, app: App = DEFAULT_APP, about: Mapping[str, Any] | None = None) -> Client:
    """A browser opens its socket; nothing is sent yet."""
    page = cast.new_page(stage.rng)
    stage.clients += 1
    pair = cast.address_pair(page.address, page.port, cast.WEBSOCKET_PORT)
    client = Client(stage, app, f"{pair}-{cast.uuid4(stage.rng)}", page, stage.clients, _about(page, about), at)
    stage.log(at, "INFO", "WSServerHandler", f"New websocket connection {pair}")
    client.at += stage.rng.randrange(20, 200)
    return client


def _about(page: cast.Page, more: Mapping[str, Any] | None) -> Body:
    return {
        "mediaProviders": ["WebRTC", "MSE", "WSPlayer"],
        "clientVersion": "2.0",
        "clientOSVersion": page.user_agent.removeprefix("Mozilla/"),
        "clientBrowserVersion": page.user_agent,
        "msePacketizationVersion": 2,
        "clientInfo": {},
        **(more or {}),
        "origin": page.origin,
    }


def connect(
    stage: Stage,
    at: int,
    app: App = DEFAULT_APP,
    about: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Client:
    """A browser connects and the backend lets it in."""
    client = arrive(stage, at, app, about)
    client.hook("connect", client.about, changes)
    establish(client)
    return client


def establish(client: Client) -> None:
    """Tell the backend that the session stands; the password is not passed on."""
    client.about.pop("sipPassword", None)
    client.event("ConnectionStatusEvent", {**client.about, "status": "ESTABLISHED"})
    client.wait(0.1, 0.6)


def disconnect(client: Client) -> None:
    """The session ends as it should."""
    client.wait(0.05, 0.8)
    client.event("ConnectionStatusEvent", {**client.about, "status": "DISCONNECTED"})
    client.stage.truth.sessions["established"] += 1


def vanish(client: Client) -> None:
    """Nothing more is heard of the session."""
    client.stage.truth.sessions["vanished"] += 1


def stay(client: Client) -> None:
    """The session lives on when the capture ends."""
    client.stage.truth.sessions["open"] += 1


def connect_encoder(stage: Stage, at: int) -> Client:
    """An RTMP encoder, which keeps its source port: its session id comes back later on the same day."""
    box = stage.encoders % stage.rounds
    stage.encoders += 1
    stage.clients += 1
    address, port = f"198.51.100.{200 + box % 50}", 50_000 + box % 10_000
    page = cast.new_page(stage.rng)._replace(address=address, port=port)
    login = cast.uuid4(stage.rng)
    session_id = cast.address_pair(address, port, cast.RTMP_PORT)
    client = Client(stage, FLASH_APP, session_id, page, stage.clients, {"login": login}, at)
    client.hook("connect", client.about)
    establish(client)
    return client


def refused(stage: Stage, at: int) -> None:
    """The backend answers 403 to connect."""
    number = stage.clients + 1
    client = arrive(stage, at, about={"custom": {"token": f"PLANTED-custom-token-{number}"}})
    _decline(client, Fate.REFUSED)


def refused_for_want_of_backend(stage: Stage, at: int) -> None:
    """The backend does not answer connect in time, which declines the session as well."""
    _decline(arrive(stage, at), Fate.TIMED_OUT)


def _decline(client: Client, fate: Fate) -> None:
    client.hook("connect", client.about, fate=fate)
    client.event("ConnectionStatusEvent", {"status": "FAILED", "info": DENIED})
    client.stage.truth.sessions["refused"] += 1


def failed_later(stage: Stage, at: int) -> None:
    """A session that stood fails: pings stay unanswered."""
    client = connect(stage, at, about={"keepAlive": True})
    client.wait(60, 240)
    stage.log(client.at, "WARN", "WSClient", f"No pong from {client.session_id}, closing")
    client.event("ConnectionStatusEvent", {"status": "FAILED", "info": "No pong received"})
    stage.truth.sessions["failed"] += 1


def lost_without_trace(stage: Stage, at: int) -> None:
    """A session of which only the beginning is known: it vanished, unless the capture ends soon after."""
    client = connect(stage, at)
    (vanish if stage.end - client.at > PATIENCE_MS else stay)(client)


def reconnecting(stage: Stage, at: int) -> None:
    """A session that the application opens again with its token."""
    for _ in range(2):
        token = {"authToken": f"PLANTED-auth-token-{stage.clients + 1}"}
        client = connect(stage, at, about=token)
        client.wait(20, 90)
        disconnect(client)
        at = client.at + stage.seconds(2, 6)


def with_policy(stage: Stage, at: int) -> None:
    """The answer to connect sets the policy of the hooks."""
    policy = {
        "StreamStatusEvent": {"clientExclude": "sdp", "restExclude": "", "restOnError": "LOG", "restPolicy": "NOTIFY"},
        "publishStream": {"restOnError": "FAIL", "restPolicy": "OVERWRITE"},
    }
    client = connect(stage, at, WEBINAR_APP, changes={"restClientConfig": policy})
    client.wait(5, 60)
    disconnect(client)
