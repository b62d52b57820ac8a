"""wcsanalytics: call quality, stream lifetime and session debug from the logs of Flashphoner WCS."""
