"""The chunks of commands that are larger than a packet: kept by hash until their document is whole.

Only what a good signature names is kept, each chunk as a file of its SHA-256 in `<data_dir>/chunks`: a cut of the
link, or of power, costs nothing that has arrived. Hashes are checked when a chunk comes and when it is read again.
"""

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from station.domain.commands.verbs import CHUNK_BYTES, Chunked

KEPT_BYTES_MAX = 64 * 1024 * 1024
_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ChunksRefused(ValueError):
    """Chunks that cannot be those of one document; the text says why."""


def check_chunk_count(chunked: Chunked) -> None:
    """Raise `ChunksRefused` unless the document's bytes make exactly as many chunks as are named."""
    wanted = -(-chunked.bytes // CHUNK_BYTES)
    if len(chunked.chunks) != wanted:
        raise ChunksRefused(
            f"chunked: {len(chunked.chunks)} chunks for {chunked.bytes} bytes; must be {wanted}, of {CHUNK_BYTES} each"
        )


class Chunks:
    """Keeps chunks as files below `directory`, at most `bytes_max` in all."""

    def __init__(self, directory: Path, bytes_max: int = KEPT_BYTES_MAX) -> None:
        self._directory, self._bytes_max = directory, bytes_max

    def missing_indices(self, chunked: Chunked) -> list[int]:
        """Return the indices of the chunks that have not come yet."""
        kept = self._kept_names()
        return [index for index, name in enumerate(chunked.chunks) if name not in kept]

    def keep_chunk(self, name: str, chunk: bytes) -> bool:
        """Keep a chunk; False where its bytes are not those of its name. Raise OSError."""
        if len(chunk) > CHUNK_BYTES or hashlib.sha256(chunk).hexdigest() != name:
            return False
        self._directory.mkdir(exist_ok=True)
        part = self._directory / "part"
        part.write_bytes(chunk)
        os.replace(part, self._directory / name)
        return True

    def whole_document(self, chunked: Chunked) -> bytes | None:
        """Return the whole document; None where a chunk rotted: it is dropped and will be missing again.

        Raise `ChunksRefused` where every chunk is right and the document is not.
        """
        pieces = [self._read_chunk(name) for name in chunked.chunks]
        document = b"".join(piece for piece in pieces if piece is not None)
        if any(piece is None for piece in pieces):
            return None
        if len(document) != chunked.bytes or hashlib.sha256(document).hexdigest() != chunked.document:
            raise ChunksRefused("chunked: the chunks together are not the document; make a new command")
        return document

    def drop_all_but(self, wanted: Iterable[str]) -> None:
        """Delete the chunks that are not among `wanted`, since no command names them any more."""
        left = set(wanted)
        for name in self._kept_names():
            if name not in left:
                (self._directory / name).unlink(missing_ok=True)

    def delete_oldest(self) -> None:
        """Delete the oldest chunks until at most `bytes_max` are kept, and what a write that was cut has left."""
        (self._directory / "part").unlink(missing_ok=True)
        files = [(found.stat(), found) for found in map(self._directory.joinpath, self._kept_names())]
        kept_bytes = sum(stat.st_size for stat, _ in files)
        for stat, file in sorted(files, key=lambda each: each[0].st_mtime):
            if kept_bytes <= self._bytes_max:
                return
            file.unlink(missing_ok=True)
            kept_bytes -= stat.st_size

    def _kept_names(self) -> set[str]:
        try:
            return {name for name in os.listdir(self._directory) if _NAME.fullmatch(name)}
        except FileNotFoundError:
            return set()

    def _read_chunk(self, name: str) -> bytes | None:
        path = self._directory / name
        try:
            chunk = path.read_bytes()
        except FileNotFoundError:
            return None
        if hashlib.sha256(chunk).hexdigest() == name:
            return chunk
        path.unlink(missing_ok=True)
        return None
