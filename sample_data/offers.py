"""Offers as long as those of a browser: every codec with its feedback, retransmission and header extensions."""

from random import Random

_EXTENSIONS = {
    1: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    2: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    3: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    4: "urn:ietf:params:rtp-hdrext:sdes:mid",
    13: "urn:3gpp:video-orientation",
}
_AUDIO_CODECS = {111: "opus/48000/2", 9: "G722/8000", 0: "PCMU/8000", 8: "PCMA/8000", 126: "telephone-event/8000"}
_VIDEO_CODECS = {
    96: ("VP8", ""),
    98: ("VP9", "profile-id=0"),
    102: ("H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
    108: ("H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
    114: ("H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f"),
}
_FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")


def offer(rng: Random, number: int, direction: str, *, video: bool) -> str:
    """An offer of 2.5 to 4 kB with video, without candidates; its secrets bear the session's number."""
    fingerprint = ":".join(f"{byte:02X}" for byte in rng.randbytes(32))
    security = (
        f"a=ice-ufrag:{rng.getrandbits(16):04x}\r\na=ice-pwd:PLANTED-ice-pwd-{number:08d}\r\n"
        f"a=ice-options:trickle\r\na=fingerprint:sha-256 {fingerprint}\r\na=setup:actpass\r\n"
    )
    stream = f"{rng.getrandbits(64):016x} " if direction != "recvonly" else ""
    source = rng.getrandbits(32)
    told = f"a=ssrc:{source} cname:c{source:08x}\r\na=ssrc:{source} msid:{stream}track\r\n" if stream else ""
    head = (
        f"v=0\r\no=- {rng.getrandbits(62)} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
        f"a=group:BUNDLE {'0 1' if video else '0'}\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS {stream}\r\n"
    )
    media = (_AUDIO, _LONG_VIDEO if rng.random() < 0.4 else _VIDEO) if video else (_AUDIO,)
    return head + "".join(one.replace("<security>", f"{security}a={direction}\r\n") + told for one in media)


def _section(kind: str, mid: int, formats: list[int], extensions: tuple[int, ...], lines: list[str]) -> str:
    return "".join(
        f"{line}\r\n"
        for line in (
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, formats))}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp:9 IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            *(f"a=extmap:{number} {_EXTENSIONS[number]}" for number in extensions),
            "a=rtcp-mux",
            "a=rtcp-rsize",
            *lines,
        )
    ).replace("a=rtcp-mux\r\n", "<security>a=rtcp-mux\r\n")


def _audio() -> str:
    lines = [f"a=rtpmap:{number} {name}" for number, name in _AUDIO_CODECS.items()]
    more = ["a=rtcp-fb:111 transport-cc", "a=fmtp:111 minptime=10;useinbandfec=1"]
    return _section("audio", 0, list(_AUDIO_CODECS), (1, 2, 3, 4), [lines[0], *more, *lines[1:]])


def _video(numbers: tuple[int, ...]) -> str:
    lines, formats = [], []
    for number in numbers:
        name, parameters = _VIDEO_CODECS[number]
        lines.append(f"a=rtpmap:{number} {name}/90000")
        lines += [f"a=rtcp-fb:{number} {kind}" for kind in _FEEDBACK]
        lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
        lines += [f"a=rtpmap:{number + 1} rtx/90000", f"a=fmtp:{number + 1} apt={number}"]
        formats += [number, number + 1]
    return _section("video", 1, formats, (2, 3, 4, 13), lines)


_AUDIO = _audio()
_VIDEO = _video((96, 102, 108))
_LONG_VIDEO = _video(tuple(_VIDEO_CODECS))
