"""Which fields of a hook hold secrets, by their own names and by the look of a name."""

from __future__ import annotations

import re

SECRET_FIELDS = frozenset(
    {
        "Authorization",
        "authToken",
        "dtmf",  # people type PINs
        "password",
        "rtmpUrl",  # holds the stream key
        "sipMessageRaw",  # holds digests and addresses
        "sipPassword",
        "sipSDP",
        "token",
    }
)
"""Fields of WCS that are removed wherever they occur."""

SHAPE_ONLY_FIELDS = frozenset({"constraints", "custom", "inviteParameters", "payload"})
"""Fields that the application fills as it likes: keys and types are kept, values are not."""

SDP_FIELDS = frozenset({"sdp", "sipSDP"})
"""Session descriptions: they hold addresses, ICE passwords and fingerprints."""

# Applications name their own fields, so a list can't be complete. The pattern errs to the safe side: a value removed
# for nothing costs less than a password kept. It reads a name as words: "sipPassword" is "sip-password".
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_SECRET = re.compile(
    r"""
    passw | passphrase | passcode | pwd | secret | token | cookie | credential | authorization | bearer | jwt
    | (api|access|private|signing|encryption)-?key
    | (^|-|user|login|sip|db)pass(?![a-z])  # a word of its own, since "bypass" and "highpassFilter" are no secrets
    | (^|-)(pin|otp)(?![a-z])
    | (^|-)auth$                            # at the end only: "sipAuthenticationName" and "author" are kept
    """,
    re.VERBOSE,
)
_SECRET_FIELDS_LOWER = frozenset(name.lower() for name in SECRET_FIELDS)


def is_secret_key(name: str) -> bool:
    """Whether a field, header or parameter of that name is to be taken for a secret.

    >>> is_secret_key("X-Api-Key"), is_secret_key("appKey")
    (True, False)
    """
    if name.lower() in _SECRET_FIELDS_LOWER:
        return True
    return _SECRET.search(_WORD_BREAK.sub("-", name).lower()) is not None
