"""What may be read, and its bytes: files, directories, patterns, standard input, members of archives."""

from wcsanalytics.sources.caps import USUAL, Caps
from wcsanalytics.sources.names import found
from wcsanalytics.sources.source import Source, Unreadable
from wcsanalytics.sources.streams import CHUNK

__all__ = ["CHUNK", "USUAL", "Caps", "Source", "Unreadable", "found"]
