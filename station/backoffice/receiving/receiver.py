"""Decides what each message of a station means over the store; knows no MQTT, no thread, and no clock of its own."""

import time
from collections.abc import Callable, Iterable

import msgspec

from station.backoffice.receiving import messages as m
from station.backoffice.receiving.gaps import GAPS_MAX, DifferenceProbe, GapRequests
from station.backoffice.receiving.hearing import Hearing
from station.backoffice.receiving.shrinking import Shrinking
from station.backoffice.receiving.telling import FAULTS_OF_ONE, CosignatureTelling, Publication
from station.backoffice.store.alarms import Alarm, AlarmKind, Alarms
from station.backoffice.store.candidates import Candidates
from station.backoffice.store.epochs import Added, Epoch
from station.backoffice.store.leaves import LeafEvent, read_stored
from station.backoffice.store.stations import Stations
from station.backoffice.store.store import Store
from station.backoffice.trust.approvals import Decision, Verdict
from station.backoffice.trust.decisions import Decisions
from station.backoffice.trust.keys import Rotation, StationKeys
from station.backoffice.witness.succession import breaks_of_succession
from station.backoffice.witness.witness import Witness
from station.domain.commands.verbs import EVERY_STATION
from station.relay.topics import Mailbox, Topics
from station.sealing.checkpoint import Checkpoint, open_cosigned
from station.sealing.merkle import leaf_hash
from station.sealing.note import SigningKey, VerifierKey, split_note

UNHEARD = (
    "nothing is cosigned: the broker does not give back what we publish there, so nobody knows whether it keeps larger "
    "cosignatures of ours; mend its ACL, or backoffice cosign STATION EPOCH --reason"
)


class Receiver:
    """Give it messages by `take_message` or `take_group`, and time by `publications_due`; publish what they return.

    When `take_message` returns, all of it is durable and may be acknowledged; when it raises, nothing of it is, and the
    same messages may be given again. `now` is monotonic seconds, `wall` seconds since 1970. With
    `needs_marker` nothing is cosigned or told until what is retained at the broker was heard, by `hearing`.
    """

    def __init__(
        self,
        store: Store,
        site: str,
        witness_key: SigningKey,
        *,
        now: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        needs_marker: bool = False,
    ) -> None:
        self._store, self._site, self._now, self._wall = store, site, now, wall
        self.alarms = Alarms(store)
        self._keys = StationKeys(store, site)
        self._stations = Stations(store)
        self._decisions = Decisions(store)
        self._witness_key = witness_key
        self._witness = Witness(store, self._keys, self.alarms, witness_key)
        self._witness.on_replaced = self._read_anew
        self._candidates = Candidates(store)
        self._asking: dict[int, GapRequests] = {}
        self._probes: dict[int, DifferenceProbe] = {}
        self._shrinking = Shrinking()
        self._telling = CosignatureTelling(store, site, self._alarm_once, now, wall)
        self._seen: set[str] = set()
        self._begun = set(self._stations.station_names())
        """Stations of which an epoch began, or a person decided, since it was looked at."""
        self._alarmed: set[tuple[AlarmKind, str, str, str]] = set()
        self._touched: dict[int, Epoch] = {}
        self.hearing = Hearing(is_needed=needs_marker)
        self._released: set[int] = set()

    def begin_connection(self) -> None:
        """A connection began: the broker may have forgotten everything, or know more than the store."""
        self._telling.begin_connection()
        self._asking.clear()
        self.hearing.begin_connection(self._now())

    def take_message(self, topic: str, payload: bytes) -> list[Publication]:
        """Take one message; durable when this returns."""
        return self.take_group([(topic, payload)])

    def take_group(self, group: Iterable[tuple[str, bytes]]) -> list[Publication]:
        """Take several messages in one transaction; durable when this returns."""
        self._seen.clear()
        self._touched.clear()
        with self.alarms.forgotten_on_failure(), self._store.group():
            for topic, payload in group:
                self._take_one(topic, payload)
            settled = [each.station for each in list(self._touched.values()) if self._settle_alone(each)]
            for station in self._seen:
                self._stations.keep_said(station, self._at_ms)
        return self._acks_due(dict.fromkeys(settled))

    def publications_due(self) -> list[Publication]:
        """Do what time brings: ask for what is missing, tell cosignatures again. Call it about every second."""
        stations = self._stations.station_names()
        self._look_at_successions()
        if self.hearing.is_silent(self._now()):
            self._alarm_once(AlarmKind.UNHEARD, EVERY_STATION, "", f"{self.marker_topic}: {UNHEARD}")
        marker = self.hearing.marker_due(self._now())
        return [
            *([Publication(self.marker_topic, marker)] if marker else []),
            *self._acks_due(stations),
            *(ask for station in stations for ask in self._requests_due(station)),
        ]

    def _look_at_successions(self) -> None:
        """Alarm on each epoch that does not name the one before, until a person accepts it."""
        for station in sorted(self._begun):
            accepted = self._decisions.accepted_epochs(station)
            broken = breaks_of_succession(self._store.epochs_of(station))
            found = {
                name: f"{why}: one was lost, taken away or put back; look, then backoffice accept {station} {name}"
                for name, why in broken.items()
                if name not in accepted
            }
            with self.alarms.forgotten_on_failure(), self._store.group():
                self.alarms.keep_only(AlarmKind.UNNAMED, station, found, self._at_ms)
            self._begun.discard(station)

    @property
    def marker_topic(self) -> str:
        """Where a marker of our own goes, that comes back behind what is retained; no station reads it."""
        return f"{Mailbox(self._site, EVERY_STATION).base}/ack/{self._witness.name}"

    def take_decision(self, decided: Decision) -> list[Publication]:
        """Do what a person decided about an epoch, and keep it. Raise `ValueError` for one that nobody heard of."""
        found = self._decisions.epoch_of(decided)
        with self._store.group():
            self._decisions.keep_decision(decided, self._at_ms)
        self._begun.add(decided.station)
        if decided.verdict is Verdict.COSIGN:  # until we end: of a database that is put back it says nothing
            self._released.add(found.id)
        return self._acks_due([decided.station])

    def approve_key(self, station: str, key: VerifierKey) -> list[Publication]:
        """A person trusts this key; what it signed before is settled now."""
        with self._store.group():
            self._keys.approve_key(station, self._keys.parse_key(station, str(key)), self._at_ms)
            self._stations.keep_said(station, 0)
            for epoch in self._store.epochs_of(station):
                self._store.reconsider_refused(epoch)
                self._settle_alone(epoch)
        return self._acks_due([station])

    def take_alarms(self) -> list[Alarm]:
        """Return the alarms that are new since the last call."""
        raised, self.alarms.raised = self.alarms.raised, []
        return raised

    @property
    def _at_ms(self) -> int:
        return int(self._wall() * 1000)

    def _settle_alone(self, known: Epoch) -> bool:
        """Settle an epoch; whatever is wrong with it is its own alarm, and holds up no other."""
        epoch = self._store.ensure_epoch(known.station, known.name)  # the attempt before may have let it go
        try:
            with self._store.attempt():
                return self._settle_epoch(epoch)
        except FAULTS_OF_ONE as error:
            text = f"its checkpoints cannot be settled: {error!r}"
            self.alarms.raise_alarm(AlarmKind.STUCK, epoch.station, epoch.name, text, at_ms=self._at_ms)
            return False

    def _settle_epoch(self, epoch: Epoch) -> bool:
        is_settled = self._witness.settle_pending(epoch, self._at_ms)
        probe = self._probes.get(epoch.id)
        if is_settled and (probe is None or probe.is_over) and self._has_difference(epoch):
            self._probes[epoch.id] = DifferenceProbe(epoch.contiguous + 1, epoch.verified)
        return is_settled

    def _has_difference(self, epoch: Epoch) -> bool:
        """Whether the station signed what nothing that came gives, or nobody knows yet where its roots part."""
        is_unfitting = self._store.checkpoints_in_state(epoch, "unfitting", epoch.contiguous + 1)
        return bool(is_unfitting) or self.alarms.has_unnamed_difference(epoch)

    # Messages, within the group

    def _take_one(self, topic: str, payload: bytes) -> None:
        if topic == self.marker_topic:
            self.hearing.take_marker(payload)
            return
        place = m.split_topic(self._site, topic)
        if place is None:
            return
        self._seen.add(place.station)
        try:
            self._dispatch_message(place, payload)
        except m.Misplaced as error:
            self._alarm_of_topic(AlarmKind.MISPLACED, place, error)
        except FAULTS_OF_ONE as error:  # Malformed, NoteRefused, KeyNotApproved, and what nobody thought of
            self._alarm_of_topic(AlarmKind.MALFORMED, place, error)

    def _alarm_of_topic(self, kind: AlarmKind, place: m.Address, error: Exception) -> None:
        text = f"topic {place.kind}/{place.rest[:64]}: {error}"
        self.alarms.raise_alarm(kind, place.station, "", text, at_ms=self._at_ms)

    def _dispatch_message(self, place: m.Address, payload: bytes) -> None:
        match place.kind, place.rest:
            case "event", _:
                self._take_event(place, payload)
            case "withheld", "":
                found = m.read_withheld(payload)
                self._add_leaf(self._touch_epoch(place.station, found.epoch), found.seq, found.hash, None, "")
            case "checkpoint", "":
                self._take_checkpoint(place.station, payload)
            case "ack", self._witness.name if payload:
                self._take_own(place.station, payload)
            case "info", "":
                self._take_info(place.station, m.read_json(m.Info, payload))
            case "health", "":
                self._take_health(place.station, m.read_json(m.Health, payload))
            case "state", "":
                state = m.read_json(m.State, payload).state
                self._stations.keep_said(place.station, self._at_ms, state=state[:40])

    def _touch_epoch(self, station: str, name: str) -> Epoch:
        epoch = self._store.ensure_epoch(station, m.epoch_name(name))
        self._touched[epoch.id] = epoch
        return epoch

    def _take_event(self, place: m.Address, payload: bytes) -> None:
        event = m.read_event(self._site, place, payload)
        epoch = self._touch_epoch(place.station, event.epoch)
        added = self._add_leaf(epoch, event.seq, leaf_hash(payload), payload, event.boot)
        if added in (Added.NEW, Added.FILLED):
            self._note_meaning(epoch, event)

    def _add_leaf(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None, boot: str) -> Added:
        added = self._store.add_leaf(epoch, seq, hash, leaf)
        if seq == 0 and added is not Added.SAME:
            self._begun.add(epoch.station)
        if added is Added.NEW and (asking := self._asking.get(epoch.id)):
            asking.note_arrival(seq, self._now())
        if added is Added.OTHER:
            self._note_clash(epoch, seq, hash, leaf, boot)
        elif added is Added.SAME and (probe := self._probes.get(epoch.id)):
            probe.note_repeat(seq)
        if added is Added.OTHER or seq in epoch.disputed:
            self._candidates.note_arrival(epoch, seq, hash, leaf)
        if boot and added in (Added.NEW, Added.FILLED) and (other := epoch.clashing_boot(boot, seq)):
            text = f"event {seq} of boot {boot} lies among those of boot {other}: two stations write one journal"
            self.alarms.raise_alarm(AlarmKind.CLONED, epoch.station, epoch.name, text, at_ms=self._at_ms, seq=seq)
        return added

    def _note_clash(self, epoch: Epoch, seq: int, hash: bytes, leaf: bytes | None, boot: str) -> None:
        self._store.run_statement(
            "INSERT OR IGNORE INTO conflict SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM conflict) < 100000",
            epoch.id,
            seq,
            hash,
            leaf,
            self._at_ms,
        )
        text = f"event {seq}: came again with other bytes, hash {hash.hex()}; the first ones are kept"
        self.alarms.raise_alarm(AlarmKind.CONFLICT, epoch.station, epoch.name, text, at_ms=self._at_ms, seq=seq)
        self.alarms.name_event(epoch, seq)
        if probe := self._probes.get(epoch.id):
            probe.note_repeat(seq)
            if seq < epoch.verified or not self._has_difference(epoch):
                del self._probes[epoch.id]
        kept = self._store.leaf_at(epoch, seq)
        kept_event = read_stored(kept) if kept else None
        kept_boot = kept_event.boot if kept_event else ""
        if boot and kept_boot and boot != kept_boot:
            text = f"event {seq}: written in boot {kept_boot} and in boot {boot}: a cloned station, or an older journal"
            self.alarms.raise_alarm(AlarmKind.CLONED, epoch.station, epoch.name, text, at_ms=self._at_ms, seq=seq)

    def _note_meaning(self, epoch: Epoch, event: LeafEvent) -> None:
        if event.type == "epoch.began" and event.seq == 0:
            began = m.read_event_data(m.Began, event.data)
            epoch.previous, epoch.reason, epoch.is_changed = began.previous[:64], began.reason[:200], True
            if began.previous:
                self._touch_epoch(epoch.station, began.previous)
            if began.checkpoint:
                self._take_checkpoint(epoch.station, began.checkpoint.encode())
        elif event.type == "key.rotated":
            rotated = m.read_event_data(m.Rotated, event.data)
            self._keys.keep_rotation(epoch, Rotation(event.seq, rotated.key, rotated.note))

    def _read_anew(self, epoch: Epoch, seq: int) -> None:
        """Other bytes are the event now: forget what the first ones said, and read these."""
        self._keys.forget_rotation(epoch, seq)
        if seq == 0:
            epoch.previous, epoch.reason, epoch.is_changed = "", "", True
        leaf = self._store.leaf_at(epoch, seq)
        if event := read_stored(leaf) if leaf else None:
            self._note_meaning(epoch, event)

    def _take_checkpoint(self, station: str, note: bytes) -> None:
        if len(note) > m.LEAF_BYTES_MAX:
            raise m.Malformed(f"checkpoint of {len(note)} bytes: must be at most {m.LEAF_BYTES_MAX}")
        found = Checkpoint.parse(split_note(note)[0])
        prefix = f"custody/{self._site}/{station}/"
        if not found.origin.startswith(prefix) or found.size > m.SEQ_MAX:
            raise m.Misplaced(f"checkpoint of {found.origin[:100]!r}, size {found.size}: must be of {prefix}<epoch>")
        epoch = self._touch_epoch(station, found.origin.removeprefix(prefix))
        epoch.spoke_of(found.size - 1)
        self._witness.keep_checkpoint(epoch, found, note)

    def _take_own(self, station: str, note: bytes) -> None:
        """A cosignature of ours, retained: of a larger tree than is known here when this database was put back."""
        found = open_cosigned(note, self._witness_key.verifier)
        self._take_checkpoint(station, note)
        epoch = self._touch_epoch(station, found.checkpoint.origin.rpartition("/")[2])
        self._witness.take_own_cosignature(epoch, found, note, self._at_ms)

    def _take_info(self, station: str, info: m.Info) -> None:
        if info.epoch:
            self._touch_epoch(station, info.epoch)
            self._stations.keep_said(station, self._at_ms, epoch=info.epoch)
        if info.key:
            self._stations.keep_said(station, self._at_ms, key=str(self._keys.parse_key(station, info.key)))

    def _take_health(self, station: str, health: m.Health) -> None:
        name = health.epoch or self._stations.said_by(station).epoch
        if not name or not -1 <= health.head <= m.SEQ_MAX:
            return
        epoch = self._touch_epoch(station, name)
        epoch.told_head(health.head)
        is_short = health.head < self._signed_size(epoch) - 1
        if self._shrinking.is_sure(epoch.id, is_short, self._now()):
            self._telling.shorter.add(epoch.id)
            text = f"event {health.head + 1}: the station has no more, though it signed {self._signed_size(epoch)}"
            self.alarms.raise_alarm(
                AlarmKind.SMALLER, station, epoch.name, text, at_ms=self._at_ms, seq=health.head + 1
            )

    def _signed_size(self, epoch: Epoch) -> int:
        """How many events the station surely signed: what is verified here, or was cosigned by us."""
        known = self._store.find_cosignature(epoch)
        return max(epoch.verified, known[0] if known else 0)

    # What is to be published, outside of a group

    def _acks_due(self, stations: Iterable[str]) -> list[Publication]:
        def may_speak(epoch: Epoch) -> bool:
            return self.hearing.is_heard or epoch.id in self._released

        found = (self._telling.due(station, self._witness, may_speak) for station in stations)
        return [each for each in found if each is not None]

    def alarm_untold(self, untold: Publication, packet_bytes_max: int) -> None:
        """A message of ours is larger than the broker takes: it would end the connection, each time anew."""
        station, about = untold.topic.split("/", 4)[3:]
        text = f"{about}: a message of {len(untold.payload)} bytes; the broker takes packets of {packet_bytes_max}"
        self._alarm_once(AlarmKind.UNTOLD, station, "", text)

    def _alarm_once(self, kind: AlarmKind, station: str, epoch: str, text: str) -> None:
        """Raise an alarm outside of a group, once in this life: what raises it comes again each second."""
        if (kind, station, epoch, text) not in self._alarmed:
            with self.alarms.forgotten_on_failure(), self._store.group():
                self.alarms.raise_alarm(kind, station, epoch, text, at_ms=self._at_ms)
            self._alarmed.add((kind, station, epoch, text))

    def _requests_due(self, station: str) -> Iterable[Publication]:
        for epoch in self._stations.epochs_at_work(station):
            if ask := self._request_due(epoch):
                yield ask

    def _request_due(self, epoch: Epoch) -> Publication | None:
        asking = self._asking.setdefault(epoch.id, GapRequests())
        wanted = asking.next_request(
            epoch.contiguous, epoch.known_head, lambda: self._store.missing_runs(epoch, GAPS_MAX), self._now()
        )
        if wanted is None and (probe := self._probes.get(epoch.id)):
            wanted = probe.next_request(self._now())
        if wanted is None:
            return None
        body = msgspec.json.encode({"epoch": epoch.name, "from": wanted[0], "to": wanted[1]})
        return Publication(Topics(self._site, epoch.station).resend, body)
