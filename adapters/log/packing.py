"""How schemas are stored: as frames of zstd where these are smaller, else as the JSON that they are.

Most are some hundred bytes, and much alike: frames refer to a dictionary of what contracts are made of, and name it by
its number. A dictionary is kept for ever once it was released, since frames cannot be read without theirs.
"""

import threading
from collections.abc import Mapping
from pathlib import Path

import zstandard

# The largest text that becomes a frame, so that whoever reads one knows the most that it can hold.
LARGEST = 64 * 1024 * 1024
# Most of its time is won back where less is written. The next two levels make a twentieth less, for a fifth more time.
LEVEL = 1
_DICTIONARY = zstandard.ZstdCompressionDict(Path(__file__).with_name("schemas.1.dictionary").read_bytes())
# No JSON begins like this.
_MAGIC = zstandard.MAGIC_NUMBER.to_bytes(4, "little")


class _Tools(threading.local):
    """A thread's own compressor and decompressor: neither serves two at once."""

    def __init__(self) -> None:
        self.compress = zstandard.ZstdCompressor(level=LEVEL, dict_data=_DICTIONARY).compress
        self.decompress = zstandard.ZstdDecompressor(dict_data=_DICTIONARY).decompress


_tools = _Tools()


def packed(schemas: Mapping[str, bytes]) -> dict[str, bytes]:
    """Schemas by digest, in the form in which they are stored."""
    compress = _tools.compress
    found = {}
    for digest, text in schemas.items():
        frame = compress(text) if len(text) <= LARGEST else text
        found[digest] = frame if len(frame) < len(text) else text
    return found


def unpacked(stored: bytes) -> bytes:
    """The schema that was stored in either form. Raises `zstandard.ZstdError` for a frame that is damaged."""
    if stored[:4] != _MAGIC:
        return stored
    if not 0 <= zstandard.frame_content_size(stored) <= LARGEST:
        raise zstandard.ZstdError("the frame was not written here: it holds too much, or does not say how much")
    return _tools.decompress(stored)
