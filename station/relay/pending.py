"""Commands whose body is still on its way in chunks. At most a few at once; the oldest gives way."""

from collections.abc import Callable

import msgspec
import structlog

from station.domain.commands.inputs import CommandReceived
from station.domain.commands.verbs import Chunked
from station.relay.chunks import Chunks, check_chunk_count

PENDING_MAX = 4
PENDING_BYTES_MAX = 40 * 1024 * 1024
"""Of the documents of all commands that wait: below what `Chunks` keeps."""
ASKED_AGAIN_MAX = 200
"""How often wrong chunks are asked for again; then the sender's own patience has to do it."""

log = structlog.get_logger("relay")


class PendingCommand(msgspec.Struct):
    """A command whose body is on its way; `absent` are the hashes of the chunks that have not come."""

    received: CommandReceived
    chunked: Chunked
    absent: set[str]
    asked_again: int = 0


class WaitingForChunks(msgspec.Struct, frozen=True):
    """Chunks of this command are missing, by index; its sender is to be told."""

    received: CommandReceived
    missing: list[int]


class WholeCommand(msgspec.Struct, frozen=True):
    """The body of this command is whole: `document` holds it."""

    received: CommandReceived
    document: bytes


class PendingCommands:
    """Takes in commands and chunks and answers what came of them; raises OSError where the disk refuses."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._pendings: dict[str, PendingCommand] = {}
        self._is_swept = False

    def begin_command(self, received: CommandReceived, chunked: Chunked) -> WaitingForChunks | WholeCommand:
        """Begin to wait for a command's chunks; one that is sent again goes on where it was. Raise `ChunksRefused`."""
        check_chunk_count(chunked)
        if not self._is_swept:
            self._is_swept = True
            self._chunks.delete_oldest()
        self._pendings.pop(chunked.document, None)
        self._make_room(chunked.bytes)
        missing = self._chunks.missing_indices(chunked)
        pending = PendingCommand(received, chunked, {chunked.chunks[index] for index in missing})
        self._pendings[chunked.document] = pending
        return self._whole_or_waiting(pending)

    def take_chunk(self, name: str, chunk: bytes) -> list[WaitingForChunks | WholeCommand]:
        """Take in a chunk; one that no command waits for, or whose bytes are not those of its name, is dropped."""
        wanting = [pending for pending in self._pendings.values() if name in pending.absent]
        if not wanting:
            return []
        if not self._chunks.keep_chunk(name, chunk):
            log.warning("wrong chunk", name=name, chunk_bytes=len(chunk))
            return [self._ask_again(pending) for pending in wanting if pending.asked_again < ASKED_AGAIN_MAX]
        for pending in wanting:
            pending.absent.discard(name)
        return [self._whole_or_waiting(pending) for pending in wanting if not pending.absent]

    def end_commands(self, is_over: Callable[[CommandReceived], bool]) -> None:
        """Forget the commands that are decided or expired, and delete the chunks that only they named."""
        over = [document for document, pending in self._pendings.items() if is_over(pending.received)]
        for document in over:
            del self._pendings[document]
        if over:
            self._delete_unneeded()

    def _whole_or_waiting(self, pending: PendingCommand) -> WaitingForChunks | WholeCommand:
        if not pending.absent:
            document = self._whole_document(pending)
            if document is not None:
                return WholeCommand(pending.received, document)
            pending.absent = {pending.chunked.chunks[index] for index in self._chunks.missing_indices(pending.chunked)}
        return WaitingForChunks(pending.received, self._missing_indices(pending))

    def _whole_document(self, pending: PendingCommand) -> bytes | None:
        try:
            return self._chunks.whole_document(pending.chunked)
        except ValueError:
            del self._pendings[pending.chunked.document]
            self._delete_unneeded()
            raise

    def _missing_indices(self, pending: PendingCommand) -> list[int]:
        return [index for index, name in enumerate(pending.chunked.chunks) if name in pending.absent]

    def _ask_again(self, pending: PendingCommand) -> WaitingForChunks:
        pending.asked_again += 1
        return WaitingForChunks(pending.received, self._missing_indices(pending))

    def _make_room(self, wanted_bytes: int) -> None:
        while self._pendings and (
            len(self._pendings) >= PENDING_MAX
            or wanted_bytes + sum(each.chunked.bytes for each in self._pendings.values()) > PENDING_BYTES_MAX
        ):
            self._pendings.pop(next(iter(self._pendings)))
            self._delete_unneeded()

    def _delete_unneeded(self) -> None:
        self._chunks.drop_all_but(name for each in self._pendings.values() for name in each.chunked.chunks)
