"""Keys of sessions, streams and calls: ours, since ids of WCS recur and belong to a node."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc

from wcsanalytics.remembering import Answers


def key_columns(node: pa.Array, session: pa.Array, media_session: pa.Array, call: pa.Array) -> dict[str, pa.Array]:
    """Keys of session, stream and call; null where the id is."""
    node = pc.fill_null(node, "")
    return {
        "session_key": _key(node, session),
        "stream_key": _key(node, media_session),
        "call_key": _key(node, pc.fill_null(session, ""), call),
    }


def _key(*parts: pa.Array) -> pa.Array:
    """Digest of the parts, null if one is. Each distinct combination is digested once."""
    encoded = pc.binary_join_element_wise(*parts, "\x1f").dictionary_encode()
    return pa.array(map(_DIGESTS.__getitem__, encoded.dictionary.to_pylist()), pa.string()).take(encoded.indices)


def _digest(word: str) -> str:
    return hashlib.blake2b(word.encode(), digest_size=10).hexdigest()


_DIGESTS = Answers(_digest, 1 << 14, len)
