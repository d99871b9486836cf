"""One station: the real journal and the real parts of the relay, over a virtual clock and a simulated broker."""

import json
import shutil
from collections import deque
from collections.abc import Callable
from pathlib import Path

from station.domain.core.decider import Recorded
from station.domain.count.events import CountScanned
from station.domain.lifecycle.events import StationStarted
from station.domain.station.leaf import encode
from station.journal.journal import FILE_NAME, INSERT_EVENT, CosignedRow, Journal, Row
from station.journal.reader import Reader
from station.journal.sealer import origin_of
from station.relay.acknowledging import Acknowledgements, WitnessContradicts, WitnessCosigned
from station.relay.cursor import Cursor
from station.relay.limits import ResendRequests
from station.relay.listening import Listeners, Witnessing
from station.relay.options import RelayOptions
from station.relay.outgoing import Outgoing, OutgoingKind
from station.relay.sender import Sender
from station.relay.topics import Topics
from station.sealing.merkle import leaf_hash
from station.sealing.note import ED25519, SigningKey, VerifierKey
from tests.history.broker import PACKET_BYTES_MAX, Connection
from tests.history.stage import Stage
from tests.journal.rows import tag

OPTIONS = RelayOptions(host="", site="greenleaf-414", station="vault-1")
TURN_S = (0.03, 0.15)
HEALTH_EVERY_S = 60.0
RECONNECT_S = (0.5, 4.0)
BOOT_S = (1.0, 10.0)
COUNT = "C000001"

MakeCursor = Callable[[int], Cursor]


def witnessed(acked: int) -> Cursor:
    """The cursor of a station that has a witness, as `relay.mqtt` makes it."""
    return Cursor(acked, is_witnessed=True)


class Station:
    """A life begins with `boot` and ends with `kill`; the journal's files are all that passes from one to the next."""

    def __init__(self, stage: Stage, folder: Path, name: str, witness: VerifierKey, make_cursor: MakeCursor) -> None:
        self._clock, self._random, self._broker, self._checker = stage
        self.name, self._folder, self._witness = name, folder, witness
        self.topics = Topics(OPTIONS.site, name)
        self.key = SigningKey(f"custody/{OPTIONS.site}/{name}", ED25519, name.encode().ljust(32, b"-"))
        self._make_cursor = make_cursor
        self.rolled_back: list[WitnessContradicts] = []
        self.life = 0
        self.head = -1
        """The newest durable seq."""
        self.is_alive = False
        self.connection: Connection | None = None
        self._health_due_at = 0.0
        folder.mkdir(parents=True)

    @property
    def directory(self) -> Path:
        """Where this life's journal is."""
        return self._folder / str(self.life)

    # Lives

    def boot(self, journal_of: Path | None = None) -> None:
        """Start with the files of the last life, or with those of `journal_of`."""
        before, self.life = journal_of or self.directory, self.life + 1
        self.directory.mkdir()
        for suffix in ("", "-wal"):
            if (kept := before / f"{FILE_NAME}{suffix}").exists():
                shutil.copyfile(kept, self.directory / kept.name)
        if before.parent == self._folder:
            shutil.rmtree(before, ignore_errors=True)
        self._journal = Journal(self.directory, key=self.key, now=self._clock.now_ms)
        opened = self._journal.open(self._clock.wall_ms())
        self.epoch, self.head = opened.epoch, opened.station.seq
        self.reader = Reader.open_at(self._journal.path)
        self._checker.booted(self.name, self.epoch, self.reader)
        known = {name: size for name, size, _ in self.reader.cosigned_checkpoints()}
        origin = origin_of(self.key.name, self.epoch)
        witnesses = {self._witness.name: self._witness}
        self.acks = Acknowledgements(lambda: [self.key.verifier], origin, witnesses, self.reader, known)
        self.cursor = self._make_cursor(self.acks.acked)
        self.sender = Sender(self.topics, self.reader, self.cursor, self._clock.now, OPTIONS.stall_pauses_s)
        listeners = Listeners(acks=self.acks, on_witness=self._on_witness)
        self._witnessing = Witnessing(listeners, self.cursor, self.sender, OPTIONS.ack_pauses_s)
        self._resends = ResendRequests(self.epoch, self._clock.now)
        self._cosigned: dict[str, CosignedRow] = {}
        self._boot = f"{self._random.getrandbits(32):08x}-0000-4000-8000-000000000000"
        self._wish_to_look = True
        self.is_alive = True
        self.append(0)
        self._connect_soon()
        self._turn_soon()

    def kill(self, rows_uncommitted: int = 0) -> None:
        """SIGKILL, with so many rows in a transaction that nobody commits."""
        if not self.is_alive:
            return
        connection = self._journal._database.connection()
        if rows_uncommitted:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT_EVENT, self._rows(rows_uncommitted))
        # The files as a kill leaves them: closing would write the WAL back.
        left = self._folder / f"{self.life}-left"
        left.mkdir()
        for suffix in ("", "-wal"):
            if (kept := self.directory / f"{FILE_NAME}{suffix}").exists():
                shutil.copyfile(kept, left / kept.name)
        self.reader.close()
        connection.rollback()
        self._journal.close()
        shutil.rmtree(self.directory)
        left.rename(self.directory)
        self.is_alive = False
        if self.connection is not None:
            self.connection.end()

    def kill_and_boot(self, rows_uncommitted: int = 0) -> None:
        """Come back by itself, as systemd has it."""
        if self.is_alive:
            self.kill(rows_uncommitted)
            self._clock.after(self._random.uniform(*BOOT_S), self.boot)

    # Events

    def append(self, events: int, *, is_urgent: bool = False) -> None:
        """Commit so many scans; 0: the first event of a boot."""
        if self.is_alive:
            rows = self._rows(events or 1, is_first=not events)
            self._journal.append(rows, cosigned=tuple(self._cosigned.values()), is_urgent=is_urgent or not events)
            self._cosigned.clear()
            self.head = rows[-1][0]
            self._checker.swore(self.name, rows)
            self._wish_to_look = True

    def _rows(self, events: int, is_first: bool = False) -> list[Row]:
        first, acked = self.head + 1, min(self.acks.acked, self.head)
        return [self._row(seq, acked, is_first) for seq in range(first, first + events)]

    def _row(self, seq: int, acked: int, is_first: bool) -> Row:
        started = StationStarted("1.0", "settings", True, self._clock.wall_ms(), "synced")
        event = started if is_first else CountScanned(COUNT, tag(seq), "gun", "Vault A")
        at_ms = self._clock.now_ms()
        recorded = Recorded(seq, at_ms, self._clock.wall_ms(), self._boot, "synced", event)
        leaf = encode(recorded, f"/custody/{self.topics.identity}", self.epoch)
        return seq, leaf, leaf_hash(leaf), acked

    # The relay's turns

    def _connect_soon(self) -> None:
        life = self.life
        delay_s = self._random.uniform(*RECONNECT_S)
        self._clock.after(delay_s, lambda: self._connect() if self.life == life and self.is_alive else None)

    def _connect(self) -> None:
        self.connection = self._broker.connect(self.topics.identity)
        self._has_begun = False

    def _turn_soon(self) -> None:
        life = self.life
        delay_s = self._random.uniform(*TURN_S)
        self._clock.after(delay_s, lambda: self._turn() if self.life == life and self.is_alive else None)

    def _turn(self) -> None:
        if self._journal.seal_when_due():
            self._wish_to_look = True
        link = self.connection
        if link is not None and link.is_over:
            self.connection = None
            self._take_answers(link)
            self.sender.end_connection(link.is_fault)
            self._connect_soon()
        elif link is not None and link.is_up:
            self._serve(link)
        self._checker.check_acked(self.name, self.cursor.acked)
        self._turn_soon()

    def _serve(self, link: Connection) -> None:
        if not self._has_begun:
            self._begin(link)
        self._take_answers(link)
        messages, link.messages = link.messages, []
        for each in messages:
            self._hear(each.topic, each.payload)
        self._witnessing.rewind_when_silent(self._clock.now_s)
        if self._wish_to_look:
            self.sender.look_at_journal()
            self._wish_to_look = False
        for outgoing in self.sender.take_outgoing(OPTIONS.window - len(self._awaited)):
            self._send(link, outgoing)
        if self._clock.now_s >= self._health_due_at:
            self._health_due_at = self._clock.now_s + HEALTH_EVERY_S
            self._broker.publish(link, 0, self.topics.health, json.dumps({"head": self.head}).encode(), qos=0)

    def _begin(self, link: Connection) -> None:
        self._has_begun = self._wish_to_look = True
        self._mid, self._awaited = 0, dict[int, Outgoing]()
        self._health_due_at = 0.0
        self._witnessing.begin_connection(self._clock.now_s)
        self.sender.begin_connection(PACKET_BYTES_MAX)
        info = {"epoch": self.epoch, "key": str(self.key.verifier)}
        self._broker.publish(link, -1, self.topics.info, json.dumps(info).encode(), retain=True)

    def _send(self, link: Connection, outgoing: Outgoing) -> None:
        self._mid += 1
        self._awaited[self._mid] = outgoing
        is_checkpoint = outgoing.kind is OutgoingKind.CHECKPOINT
        if is_checkpoint:
            self._checker.signed(outgoing.payload)
        else:
            self._checker.sent(self.name, outgoing.seq, outgoing.kind)
        self._broker.publish(link, self._mid, outgoing.topic, outgoing.payload, retain=is_checkpoint)

    def _take_answers(self, link: Connection) -> None:
        answers, link.answers = deque(link.answers), []
        for mid, reason in answers:
            sent = self._awaited.pop(mid, None)
            follower = self.sender.note_answer(sent, reason) if sent is not None else None
            if follower is not None and not link.is_over:
                self._send(link, follower)

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic == self.topics.resend:
            if asked := self._resends.read_request(payload):
                self.sender.queue_resend(*asked)
            return
        self._witnessing.take_cosignature(self.topics.witness_of(topic) or "", payload, self._clock.now_s)
        self._checker.heard(self.name, self._witnessing.refusal_alerts())

    def _on_witness(self, news: WitnessCosigned | WitnessContradicts) -> None:
        if isinstance(news, WitnessContradicts):
            self.rolled_back.append(news)
            self._checker.rolled_back(self.name, news.text)
        else:
            self._cosigned[news.witness] = (news.witness, news.size, news.note)
