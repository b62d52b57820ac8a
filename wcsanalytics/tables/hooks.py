"""The hook families: one physical table each, a row is one REST exchange or half of one."""

from __future__ import annotations

from wcsanalytics.protocol import Family
from wcsanalytics.tables.columns import Column, Table

PLACE = (
    Column("source_id", "text", "Lineage of the source that the record stands in"),
    Column("line", "int", "Line of the record in its source, from 1"),
    Column("byte_offset", "int", "Offset of the record in its decompressed source", unit="bytes"),
)

KEYS = (
    Column("session_key", "text", "Key of the client session, from node and session id"),
    Column("stream_key", "text", "Key of the stream, from node and media session id"),
    Column("call_key", "text", "Key of the call leg, from session and call id"),
)

EXCHANGE = (
    Column("sent_at", "instant", "When WCS sent the request"),
    Column("answered_at", "instant", "When the backend's answer came"),
    Column("hook", "text", "REST method or event, as WCS spells it; unknown names as found"),
    Column(
        "answer", "text", "echo, changed, error, none or orphan; null on a half that may have its other one elsewhere"
    ),
    Column("answer_changes", "json", "What the answer changed: keys set, keys removed; secrets taken out"),
    Column("error", "text", "First line of the error that took the answer's place", care="text"),
    Column("url", "text", "URL of the request, without credentials", care="url"),
    Column("thread", "text", "Thread of the server that made the exchange"),
    Column("dated_by", "text", "Evidence of the date: record, option, create_date, uuid_v1, file_name, mtime, assumed"),
    Column("answer_line", "int", "Line of the answer in its source"),
    Column("answer_byte_offset", "int", "Offset of the answer in its source", unit="bytes"),
    Column("half", "text", "send or answer where only that half stands in this input, else null"),
    Column("half_open", "bool", "Whether the other half may stand in another input"),
    Column("half_digest", "text", "Digest of a half's redacted body without SDP, by which halves find each other"),
    Column("half_body", "json", "Redacted body of a half"),
    Column("extra", "json", "Keys without a column and values that did not fit their column; secrets taken out"),
)

SHARED = (
    Column("node_id", "text", "WCS node", "nodeId", identifies="address"),
    Column("app_key", "text", "Application key", "appKey"),
    Column("session_id", "text", "Session id as WCS gives it; may recur", "sessionId", care="id"),
    Column("media_session_id", "text", "Id of a publish or play", "mediaSessionId", care="id"),
    Column("call_id", "text", "Id of a call", "callId", identifies="address"),
    Column("status", "text", "Status in the body", "status"),
    Column("info", "text", "Reason in the body", "info", care="text"),
    Column("page_origin", "text", "scheme://host:port of the page", "origin", care="url"),
    Column("custom", "json", "Application data: keys and types only", "custom", care="shape"),
)

CONNECTION = (
    Column("media_providers", "json", "Media providers in order of preference", "mediaProviders", identifies="nothing"),
    Column("client_version", "text", "What the client calls its version; the Web SDK always says 2.0", "clientVersion"),
    Column("client_os_version", "text", "navigator.appVersion", "clientOSVersion"),
    Column("user_agent", "text", "Browser's user agent", "clientBrowserVersion"),
    Column("client_info", "json", "User-agent client hints", "clientInfo", identifies="nothing"),
    Column("mse_packetization_version", "int", "Packet form of MSE playback", "msePacketizationVersion"),
    Column("keep_alive", "bool", "Keep-alive asked for", "keepAlive"),
    Column("use_ws_tunnel", "bool", "Media over WebSocket", "useWsTunnel"),
    Column("use_ws_tunnel_packetization2", "bool", "Second packet form of the tunnel", "useWsTunnelPacketization2"),
    Column("use_base64_binary_encoding", "bool", "Binary data as base64", "useBase64BinaryEncoding"),
    Column("use_self_signed", "bool", "Self-signed certificate allowed (WCS 4)", "useSelfSigned"),
    Column("sip_login", "text", "SIP login", "sipLogin", identifies="person"),
    Column("sip_authentication_name", "text", "SIP authentication name", "sipAuthenticationName", identifies="person"),
    Column("sip_visible_name", "text", "SIP display name", "sipVisibleName", identifies="person"),
    Column("sip_domain", "text", "SIP domain", "sipDomain", identifies="address"),
    Column("sip_outbound_proxy", "text", "SIP outbound proxy", "sipOutboundProxy", care="url"),
    Column("sip_proxy", "text", "SIP proxy", "sipProxy", care="url"),
    Column("sip_port", "int", "SIP port; 0 = unused", "sipPort"),
    Column("sip_register_required", "bool", "Registration asked for", "sipRegisterRequired"),
    Column("sip_contact_params", "text", "Parameters of the SIP contact", "sipContactParams", care="url"),
    Column("login", "text", "Generated id of an RTMP client", "login", identifies="person"),
    Column("url_server", "text", "Server URL of a 1.x client", "urlServer", care="url"),
    Column("client_width", "int", "Video width of a 1.x client", "width", unit="px"),
    Column("client_height", "int", "Video height of a 1.x client", "height", unit="px"),
    Column("supported_resolutions", "text", "Resolutions of a 1.x client", "supportedResolutions"),
    Column("use_proxy", "bool", "Proxy mode of a 1.x client", "useProxy"),
    Column("use_dtls", "bool", "DTLS asked for by a 1.x client", "useDTLS"),
)

STREAM = (
    Column("name", "text", "Stream name or URI, without credentials", "name", care="url"),
    Column("published", "bool", "true = publish, false = play", "published"),
    Column("has_video", "bool", "Video; a constant in play and stop requests", "hasVideo"),
    Column("has_audio", "bool", "Audio; a constant in play and stop requests", "hasAudio"),
    Column("audio_codec", "text", "Audio codec", "audioCodec"),
    Column("video_codec", "text", "Video codec", "videoCodec"),
    Column("record", "bool", "Recording asked for; a constant in play and stop requests", "record"),
    Column("record_name", "text", "File name of the recording", "recordName"),
    Column("width", "int", "Requested width; 0 = unset", "width", unit="px"),
    Column("height", "int", "Requested height; 0 = unset", "height", unit="px"),
    Column("bitrate_kbps", "int", "Requested bitrate; 0 = unset; not a measurement", "bitrate", unit="kbit/s"),
    Column("min_bitrate_kbps", "int", "Requested least bitrate; 0 = unset", "minBitrate", unit="kbit/s"),
    Column("max_bitrate_kbps", "int", "Requested greatest bitrate; 0 = unset", "maxBitrate", unit="kbit/s"),
    Column("quality", "int", "Requested play quality 0 to 100, not a grade", "quality"),
    Column("gop", "int", "Requested distance of key frames; 0 = unset", "gop"),
    Column("fps", "int", "Requested frame rate; 0 = unset", "fps", unit="1/s"),
    Column("audio_bitrate", "int", "Requested audio bitrate; 0 = unset", "audioBitrate"),
    Column("codec_impl", "text", "Codec implementation", "codecImpl"),
    Column("history", "bool", "Playback with history", "history"),
    Column("time_shift", "int", "Time shift; -1 = none", "timeShift"),
    Column("transport", "text", "UDP or TCP", "transport"),
    Column("cvo_extension", "bool", "Coordination of video orientation", "cvoExtension"),
    Column("created_at", "instant", "When the server made the stream, by its own clock", "createDate"),
    Column("media_type", "text", "publish or play", "mediaType"),
    Column("audio_muted", "bool", "Audio muted", "audioState.muted"),
    Column("video_muted", "bool", "Video muted", "videoState.muted"),
    Column("media_provider", "text", "WebRTC, Flash, MSE, WSPlayer, HLS, ...", "mediaProvider"),
    Column("parent_media_session_id", "text", "Stream that an HLS agent serves", "parentMediaSessionId", care="id"),
    Column("local_media_info", "json", "Devices and tracks of the client", "localMediaInfo"),
    Column("constraints", "json", "Media constraints: keys and types only", "constraints", care="shape"),
    Column("receive_video", "bool", "Video wanted", "receiveVideo"),
    Column("remote_media_element_id", "text", "Element of the page that shows the stream", "remoteMediaElementId"),
    Column("flash_buffer_time", "text", "Buffer time of a Flash player", "flashBufferTime"),
    Column("streamer_video_width", "int", "New width told by an old RESIZE status", "streamerVideoWidth", unit="px"),
    Column("streamer_video_height", "int", "New height told by an old RESIZE status", "streamerVideoHeight", unit="px"),
    Column("event_type", "text", "Type of a stream event: audioMuted, data, resize, ...", "type"),
    Column("payload", "json", "Payload of a stream event: keys and types only", "payload", care="shape"),
    Column("report", "json", "Report of a recording: its files", "report"),
    Column("sdp", "text", "Client's offer without keys, fingerprints and addresses", "sdp", care="sdp"),
)

CALL = (
    Column("parent_call_id", "text", "Call that this one stems from", "parentCallId", identifies="address"),
    Column("incoming", "bool", "true = from the network to the client", "incoming"),
    Column("sip_status", "int", "SIP status code", "sipStatus"),
    Column("caller", "text", "Caller", "caller", care="url", identifies="person"),
    Column("callee", "text", "Callee", "callee", care="url", identifies="person"),
    Column("visible_name", "text", "Display name", "visibleName", identifies="person"),
    Column("has_audio", "bool", "Audio; a constant in answers", "hasAudio"),
    Column("has_video", "bool", "Video; a constant in answers", "hasVideo"),
    Column("receive_video", "bool", "Video wanted", "receiveVideo"),
    Column("media_provider", "text", "Media provider", "mediaProvider"),
    Column("target", "text", "Whom the call is transferred to", "target", care="url", identifies="person"),
    Column("hold_for_transfer", "bool", "Hold that prepares a transfer", "holdForTransfer"),
    Column("is_msrp", "bool", "MSRP session", "isMsrp"),
    Column("invite_parameters", "json", "INVITE parameters: keys and types only", "inviteParameters", care="shape"),
    Column("rtmp_stream", "text", "RTMP stream of a SIP call as RTMP", "rtmpStream", care="url"),
    Column("rtmp_stream_status", "text", "Status of that RTMP stream", "rtmpStreamStatus"),
    Column("stream_name", "text", "Stream of a SIP call as stream", "streamName", care="url"),
    Column("dtmf_type", "text", "How a tone is sent: RFC2833, INFO, INFO_RELAY", "type"),
    Column("local_media_info", "json", "Devices and tracks of the client", "localMediaInfo"),
    Column("sdp", "text", "Client's offer or answer without keys, fingerprints and addresses", "sdp", care="sdp"),
)

DATA = (
    Column("operation_id", "text", "Id of the operation, given by the sender", "operationId"),
    Column("payload", "json", "Payload: keys and types only", "payload", care="shape"),
    Column("message_id", "text", "Id of a message of a 1.x client", "id"),
    Column("sender", "text", "Sender of a message of a 1.x client", "from", care="url", identifies="person"),
    Column("recipient", "text", "Recipient of a message of a 1.x client", "to", care="url", identifies="person"),
    Column("visible_name", "text", "Display name", "visibleName", identifies="person"),
    Column("content_type", "text", "Content type of a message", "contentType"),
    Column("is_imdn_required", "bool", "Delivery notice wanted", "isImdnRequired"),
    Column("body", "text", "Text of a message of a 1.x client", "body", care="text", identifies="words"),
    Column("subscribed_event", "text", "Event subscribed to", "event"),
    Column("expires_s", "int", "Life of a subscription", "expires", unit="s"),
    Column("terminate", "bool", "Subscription ends", "terminate"),
    Column("request_body", "text", "Body of a subscription's notice", "requestBody", care="text", identifies="words"),
    Column("xcap_url", "text", "URL of an XCAP request", "url", care="url"),
    Column("response_body", "text", "XCAP document", "responseBody", care="text", identifies="words"),
)

DIAGNOSTIC = (
    Column("text", "text", "Text of a bug report", "text", care="text", identifies="words"),
    Column("report_type", "text", "Type of a bug report", "type", care="text"),
    Column("logs", "text", "Log lines that a client pushed, without keys and addresses", "logs", care="text"),
    Column("command", "text", "start or stop of a session debug", "command"),
    Column("file", "text", "File of a session debug", "file", care="url"),
    Column("report_file", "text", "File of a bug report", "filename", care="url"),
)


_ANY_HOOK = (*PLACE, *KEYS, *EXCHANGE, *SHARED)


def _hooks(family: Family, meaning: str, columns: tuple[Column, ...] = ()) -> Table:
    return Table(
        f"{family}_hooks",
        meaning,
        (*_ANY_HOOK, *columns),
        family,
        happened=("sent_at", "answered_at"),
        order=("session_key", "sent_at", "source_id", "byte_offset"),
        sought=("session_key", "stream_key", "call_key", "session_id", "media_session_id", "call_id"),
    )


HOOK_TABLES = (
    _hooks("connection", "connect and the status of connections and registrations", CONNECTION),
    _hooks("stream", "Publish, play and what happens to a stream", STREAM),
    _hooks("call", "Calls, their status and transfers", CALL),
    _hooks("data", "Data and messages", DATA),
    _hooks("diagnostic", "Bug reports, pushed logs and debug switches", DIAGNOSTIC),
    _hooks("other", "Hooks of unknown name: their body is in extra"),
)
