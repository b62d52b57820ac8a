"""Scenes with SIP calls."""

from dataclasses import dataclass
from typing import Any

from sample_data import cast
from sample_data.session_scenes import arrive, disconnect, establish, stay
from sample_data.stage import Client, Fate, Stage
from sample_data.wire import Body, sdp

NORMAL = "Normal call clearing"


@dataclass
class Call:
    """One leg: whose it is and the fields that every status repeats."""

    client: Client
    about: Body

    @property
    def id(self) -> Body:
        """The field that small bodies consist of."""
        return {"callId": self.about["callId"]}

    def status(self, status: str, sip_status: int, info: str = "") -> None:
        """Send one CallStatusEvent."""
        told: Body = {"status": status, "sipStatus": sip_status}
        self.client.event("CallStatusEvent", {**self.about, **told, **({"info": info} if info else {})})

    def counts(self, outcome: str) -> None:
        """Enter the call into the truth of the day."""
        self.client.stage.truth.calls[outcome] += 1


def register(stage: Stage, at: int, *, accepted: bool = True) -> Client:
    """A phone in the browser: connects with its SIP account, which the SIP server takes or not."""
    number = stage.clients + 1
    login = str(1000 + number % 9000)
    sip = {
        "sipLogin": login,
        "sipAuthenticationName": login,
        "sipPassword": f"PLANTED-sip-password-{number}",
        "sipDomain": "sip.example.org",
        "sipOutboundProxy": "203.0.113.50",
        "sipPort": 5060,
        "sipRegisterRequired": True,
    }
    client = arrive(stage, at, about=sip)
    client.hook("connect", client.about)
    establish(client)
    stage.log(client.at, "INFO", "sipMessages", f"OUT\nREGISTER sip:sip.example.org SIP/2.0\nFrom: <sip:{login}>\n")
    status = "REGISTERED" if accepted else "AUTHENTICATION_FAIL"
    client.event("RegistrationStatusEvent", {"status": status, "sipLogin": login})
    stage.truth.registrations[status] += 1
    return client


def invite(client: Client, *, fate: Fate = Fate.ANSWERED) -> Call:
    """Place a call."""
    rng, login = client.stage.rng, client.about["sipLogin"]
    has_video = rng.random() < 0.3
    about = _about(client.new_id(), False, login, str(rng.randrange(2000, 2999)), has_video)
    about["visibleName"] = rng.choice(cast.PEOPLE)
    asked = {
        **{key: about[key] for key in ("callId", "incoming", "hasVideo", "hasAudio")},
        "status": "PENDING",
        "mediaProvider": "WebRTC",
        "sdp": sdp(rng, client.number, "sendrecv", video=has_video),
        **{key: about[key] for key in ("caller", "callee", "visibleName")},
    }
    client.hook("call", asked, fate=fate)
    return Call(client, about)


def _about(call_id: str, incoming: bool, caller: str, callee: str, has_video: bool) -> Body:
    return {
        "callId": call_id,
        "incoming": incoming,
        "caller": caller,
        "callee": callee,
        "hasAudio": True,
        "hasVideo": has_video,
        "visibleName": caller,
        "mediaProvider": "WebRTC",
        "isMsrp": False,
        "holdForTransfer": False,
    }


def tried(client: Client) -> Call:
    """A call that the network has taken up."""
    call = invite(client)
    call.status("TRYING", 100)
    client.wait(0.1, 1.5)
    return call


def ringing(client: Client) -> Call:
    """A call that rings at the far end."""
    call = tried(client)
    call.status("RING", 180)
    client.wait(2, 12)
    return call


def answered(client: Client) -> Call:
    """A call that the far end has taken."""
    call = ringing(client)
    call.status("ESTABLISHED", 200)
    return call


def hang_up(call: Call) -> None:
    """The client ends an answered call."""
    call.client.hook("hangup", call.id)
    _finish(call, "asked")


def hung_up_there(call: Call) -> None:
    """The far end ends an answered call."""
    _finish(call, "far_end")


def _finish(call: Call, ended_how: str) -> None:
    call.status("FINISH", 200, NORMAL)
    call.counts("answered")
    call.client.stage.truth.answered_calls_ended_how[ended_how] += 1


def agent(stage: Stage, at: int) -> None:
    """A working hour at a call desk: calls that are answered."""
    client = register(stage, at)
    talk = answered(client)
    client.wait(20, 300)
    hang_up(talk)
    client.wait(5, 40)
    _with_menu(client)
    client.wait(5, 40)
    _with_hold(client)
    client.wait(5, 40)
    _with_transfer(client)
    disconnect(client)


def _with_menu(client: Client) -> None:
    call = answered(client)
    client.wait(2, 9)
    tones: tuple[tuple[str, Any], ...] = (("RFC2833", "4"), ("RFC2833", "7"), ("INFO", "1"), ("INFO_RELAY", 1))
    for kind, tone in tones:
        client.hook("sendDtmf", {**call.id, "type": kind, "dtmf": tone})
        client.wait(0.3, 1.2)
    client.wait(10, 120)
    hung_up_there(call)


def _with_hold(client: Client) -> None:
    call = answered(client)
    for _ in range(2):
        client.wait(5, 60)
        client.hook("hold", call.id)
        call.status("HOLD", 200)
        client.wait(4, 40)
        client.hook("unhold", call.id)
        call.status("ESTABLISHED", 200)
    client.wait(5, 60)
    hang_up(call)


def _with_transfer(client: Client) -> None:
    call = answered(client)
    client.wait(5, 60)
    client.hook("hold", {**call.id, "holdForTransfer": True})
    call.about["holdForTransfer"] = True
    call.status("HOLD", 200)
    target = str(client.stage.rng.randrange(3000, 3999))
    client.hook("transfer", {**call.id, "target": target})
    for status in ("ACCEPTED", "TRYING", "COMPLETED"):
        client.event("TransferStatusEvent", {**call.id, "incoming": False, "status": status, "target": target})
        client.wait(0.1, 1)
    hang_up(call)


def unlucky_agent(stage: Stage, at: int) -> None:
    """Calls that nobody answers, each for another reason."""
    client = register(stage, at)
    _ends(tried(client), "BUSY", 486, "", "busy")
    _ends(ringing(client), "FINISH", 480, "", "no_answer")
    cancelled = ringing(client)
    client.hook("hangup", cancelled.id)
    _ends(cancelled, "FINISH", 487, "", "abandoned")
    _ends(tried(client), "FAILED", 404, "", "refused")
    _ends(tried(client), "FAILED", 503, "", "ineffective")
    disconnect(client)


def troubled_agent(stage: Stage, at: int) -> None:
    """Calls that fail for technical reasons, and one that the backend forbids."""
    client = register(stage, at)
    _ends(tried(client), "FAILED", 408, "Failed by request timeout", "ineffective")
    _ends(ringing(client), "FAILED", 200, "Failed by ICE error", "media_failed")
    _ends(tried(client), "FAILED", 403, "", "refused")
    _ends(invite(client, fate=Fate.REFUSED), "FAILED", 403, "", "refused")
    dropped = answered(client)
    client.wait(10, 60)
    dropped.status("FAILED", 200, "Failed by RTP activity")
    dropped.counts("answered")
    stage.truth.answered_calls_ended_how["failed"] += 1
    disconnect(client)


def _ends(call: Call, status: str, sip_status: int, info: str, outcome: str) -> None:
    call.status(status, sip_status, info)
    call.counts(outcome)
    call.client.wait(3, 20)


def called(client: Client) -> Call:
    """A call comes in and rings."""
    rng, login = client.stage.rng, client.about["sipLogin"]
    caller = f"+4930{rng.randrange(10**6, 10**7)}"
    call_id = f"{rng.getrandbits(64):016x}@203.0.113.50"
    call = Call(client, _about(call_id, True, caller, login, False))
    raw = (
        f"INVITE sip:{login}@sip.example.org SIP/2.0\r\nCall-ID: {call_id}\r\nFrom: <sip:{caller}@sip.example.org>\r\n"
    )
    ring = {"status": "RING", "sipStatus": 180}
    client.event("OnCallEvent", {**call.about, **ring, "sipMessageRaw": raw})
    call.status("RING", 180)
    client.wait(2, 9)
    return call


def pick_up(call: Call) -> None:
    """The client answers."""
    client, about = call.client, call.about
    fixed = {"hasVideo": True, "hasAudio": True, "status": "PENDING", "mediaProvider": "WebRTC"}
    offer = sdp(client.stage.rng, client.number, "sendrecv", video=False)
    client.hook("answer", {**call.id, "incoming": True, **fixed, "sdp": offer, "callee": about["callee"]})
    call.status("ESTABLISHED", 200)
    client.wait(15, 240)


def switchboard(stage: Stage, at: int) -> None:
    """Incoming calls: answered, ended by either side, declined, given up by the caller."""
    client = register(stage, at)
    for end_call in (hang_up, hung_up_there):
        call = called(client)
        pick_up(call)
        end_call(call)
        client.wait(5, 60)
    declined = called(client)
    client.hook("hangup", declined.id)
    _ends(declined, "FINISH", 487, "", "declined")
    _ends(called(client), "FINISH", 480, "", "no_answer")
    disconnect(client)


def wrong_password(stage: Stage, at: int) -> None:
    """The SIP server does not take the account."""
    client = register(stage, at, accepted=False)
    client.wait(1, 5)
    disconnect(client)


def talking_at_the_end(stage: Stage, at: int) -> None:
    """A call that goes on when the capture ends."""
    client = register(stage, at)
    call = answered(client)
    call.counts("answered")
    stage.truth.answered_calls_ended_how["open"] += 1
    stay(client)
