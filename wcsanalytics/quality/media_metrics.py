"""Names of the figures of a media stream that rules ask about: the columns of a table to rate."""

from __future__ import annotations

from typing import NamedTuple


class Metric(NamedTuple):
    """A column: its unit ("ratio" is 0..1) and what it holds."""

    unit: str
    meaning: str


METRICS: dict[str, Metric] = {
    "available_outgoing_kbps": Metric("kbps", "Outgoing bandwidth that the browser estimates."),
    "concealed_ratio": Metric("ratio", "Concealed samples / samples received."),
    "corrected_ratio": Metric("ratio", "Samples inserted or removed to keep time / samples received."),
    "decode_time_volatility_ratio": Metric(
        "ratio", "Mean absolute deviation of decode time / its mean; no source tells it yet."
    ),
    "delayed_200_ms_ratio": Metric("ratio", "Packets delayed by 200 ms or more / packets."),
    "fps": Metric("fps", "Frames per second, mean."),
    "freeze_mean_ms": Metric("ms", "Mean length of a freeze."),
    "frame_loss_ratio": Metric("ratio", "Frames lost at the receiver / frames."),
    "frozen_ratio": Metric("ratio", "Time frozen / play time."),
    "ice_failed": Metric("flag", "1 where ICE failed, else 0."),
    "jitter_buffer_ms": Metric("ms", "Mean delay of the jitter buffer."),
    "jitter_max_ms": Metric("ms", "Greatest jitter."),
    "jitter_ms": Metric("ms", "Mean jitter."),
    "jitter_p95_ms": Metric("ms", "95th percentile of jitter over samples of some 15 s."),
    "jitter_samples_ms": Metric("ms", "Jitter of each sample, a list."),
    "least_audio_level_deviation": Metric("level", "Least deviation of audio level (0..32767) over 10 samples."),
    "least_rate_bps": Metric("bit/s", "The lower of the client's and the server's video rate, filtered."),
    "livekit_score": Metric("score", "LiveKit's score, 0..100, see `product_models.livekit`."),
    "loss_mean_7_ratio": Metric("ratio", "Greatest mean loss over 7 samples."),
    "loss_p95_ratio": Metric("ratio", "95th percentile of loss over samples of some 15 s."),
    "loss_ratio": Metric("ratio", "Lost / (lost + received)."),
    "loss_samples_ratio": Metric("ratio", "Loss of each sample, a list."),
    "mos": Metric("MOS", "Mean opinion score by the E-model, of whichever scale."),
    "mos_degradation": Metric("MOS", "Mean loss of MOS by the network."),
    "post_dial_ms": Metric("ms", "Post-dial delay."),
    "post_dial_p95_of_country_ms": Metric("ms", "95th percentile of post-dial delay in the call's country."),
    "post_fec_loss_ratio": Metric("ratio", "Packets lost after forward error correction / packets."),
    "rate_difference_ratio": Metric("ratio", "|server - client| / their mean, of filtered video rates (0..2)."),
    "relative_one_way_ms": Metric("ms", "One-way delay relative to the least."),
    "rtt_ms": Metric("ms", "Mean round-trip time."),
    "rtt_p95_ms": Metric("ms", "95th percentile of round-trip time over samples of some 15 s."),
    "rtt_samples_ms": Metric("ms", "Round-trip time of each sample, a list."),
    "silent": Metric("flag", "1 where no sound was heard, else 0."),
    "spoiled_tiles_ratio": Metric("ratio", "Spoiled tiles / tiles of shared screens."),
    "tile_latency_ms": Metric("ms", "Latency of tiles of shared screens."),
    "twilio_mos": Metric("MOS", "Mean opinion score by Twilio's formula, see `product_models.twilio_r`."),
    "twilio_mos_samples": Metric("MOS", "The same of each sample, a list."),
}
"""A user's rules may name other columns as well."""
