"""What is kept on disk between sessions: results and vectors, found again by what they hold."""

from dsx.storage.entries import Entry, Store
from dsx.storage.looking import Cache, cache
from dsx.storage.place import store
from dsx.storage.segments import VectorStore

__all__ = ["Cache", "Entry", "Store", "VectorStore", "cache", "store"]
