"""What may be read, and its bytes: files, directories, patterns, standard input, members of archives."""

from wcsanalytics.sources.caps import USUAL, Caps
from wcsanalytics.sources.names import found
from wcsanalytics.sources.source import Source, Unreadable
from wcsanalytics.sources.streams import CHUNK, file_chunks, is_plain

__all__ = ["CHUNK", "USUAL", "Caps", "Source", "Unreadable", "file_chunks", "found", "is_plain"]
