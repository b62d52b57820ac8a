"""Numbers that rtcstats.com's dumps write in the place of names, from file format 3 on."""

from __future__ import annotations

GETSTATS = frozenset({"getstats", "getStats", "g", 1})
"""How a row says that it holds statistics."""

TIMESTAMP = "t"

_TYPES = (
    *("inbound-rtp", "outbound-rtp", "remote-inbound-rtp", "remote-outbound-rtp", "transport", "candidate-pair"),
    *("local-candidate", "remote-candidate", "data-channel", "peer-connection", "certificate", "media-source"),
    *("media-playout", "codec"),
)
TYPES = dict(enumerate(_TYPES, 1))
"""Type of report by its number."""

_NAMES = """
4 payloadType transportId mimeType clockRate channels sdpFmtpLine ssrc kind codecId
14 packetsReceived packetsLost jitter trackIdentifier mid remoteId framesDecoded keyFramesDecoded framesDropped
frameWidth frameHeight framesPerSecond qpSum totalDecodeTime totalInterFrameDelay totalSquaredInterFrameDelay
pauseCount totalPausesDuration freezeCount totalFreezesDuration lastPacketReceivedTimestamp headerBytesReceived
packetsDiscarded fecPacketsReceived fecPacketsDiscarded fecBytesReceived fecSsrc bytesReceived nackCount firCount
pliCount totalProcessingDelay estimatedPlayoutTimestamp jitterBufferDelay jitterBufferTargetDelay
jitterBufferEmittedCount jitterBufferMinimumDelay totalSamplesReceived concealedSamples silentConcealedSamples
concealmentEvents insertedSamplesForDeceleration removedSamplesForAcceleration audioLevel totalAudioEnergy
totalSamplesDuration framesReceived decoderImplementation playoutId powerEfficientDecoder
framesAssembledFromMultiplePackets totalAssemblyTime contentType googTimingFrameInfo retransmittedPacketsReceived
retransmittedBytesReceived rtxSsrc totalCorruptionProbability totalSquaredCorruptionProbability
corruptionMeasurements localId roundTripTime totalRoundTripTime fractionLost roundTripTimeMeasurements packetsSent
bytesSent mediaSourceId rid encodingIndex headerBytesSent retransmittedPacketsSent retransmittedBytesSent
targetBitrate totalEncodedBytesTarget framesSent hugeFramesSent framesEncoded keyFramesEncoded totalEncodeTime
totalPacketSendDelay qualityLimitationReason qualityLimitationDurations qualityLimitationResolutionChanges
encoderImplementation powerEfficientEncoder active scalabilityMode remoteTimestamp reportsSent echoReturnLoss
echoReturnLossEnhancement width height frames synthesizedSamplesDuration synthesizedSamplesEvents
totalPlayoutDelay totalSamplesCount dataChannelsOpened dataChannelsClosed label protocol dataChannelIdentifier
state messagesSent messagesReceived iceRole iceLocalUsernameFragment dtlsState iceState selectedCandidatePairId
localCertificateId remoteCertificateId tlsVersion dtlsCipher dtlsRole srtpCipher selectedCandidatePairChanges
rtcpTransportStatsId address port candidateType priority url relayProtocol foundation relatedAddress relatedPort
usernameFragment tcpType networkType
148 localCandidateId remoteCandidateId nominated lastPacketSentTimestamp currentRoundTripTime
availableOutgoingBitrate availableIncomingBitrate requestsReceived requestsSent responsesReceived responsesSent
consentRequestsSent packetsDiscardedOnSend bytesDiscardedOnSend
163 fingerprint fingerprintAlgorithm base64Certificate issuerCertificateId psnrMeasurements psnrSum
packetsReceivedWithEct1 packetsReceivedWithCe packetsReportedAsLost packetsReportedAsLostButRecovered
packetsWithBleachedEct1Marking packetsSentWithEct1 ccfbMessagesSent ccfbMessagesReceived
"""


def _numbered(text: str) -> dict[str, str]:
    """Names by their numbers; a number in the text says where the names after it begin."""
    number, named = 0, {}
    for word in text.split():
        if word.isdecimal():
            number = int(word)
        else:
            named[str(number)] = word
            number += 1
    return named


NAMES = _numbered(_NAMES)
"""Name of a member of a report by its number, as text since it is a key of JSON."""
