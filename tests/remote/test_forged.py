"""100,000 commands that are forged, replayed or malformed: none is carried out, nothing is raised.

Seeded: the number in a failure's text makes the same message again.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from station.domain.commands.verbs import Command
from station.relay.limits import WINDOW_MS
from station.sealing.note import NoteRefused
from tests.domain.play import OFFSET_MS
from tests.remote.office import BASE, EVERY, HERE, KEY, OTHER_KEY, command, note
from tests.remote.world import World, types

MESSAGES = 100_000
SEED = 20261123
GOOD_EVERY = 1_000
"""Among the others, so that a station that refuses everything is no success."""

Forge = Callable[[random.Random, Command], bytes]


def changed(made: Command, **fields: object) -> bytes:
    return note(msgspec.structs.replace(made, **fields))


def flipped(chance: random.Random, made: Command) -> bytes:
    """One to three bits of a good note; never its newlines between text and signature alone."""
    found = bytearray(note(made))
    for place in chance.sample(range(len(found)), chance.randint(1, 3)):
        found[place] ^= 1 << chance.randrange(8)
    return bytes(found)


def cut(chance: random.Random, made: Command) -> bytes:
    found = note(made)
    return found[: chance.randrange(len(found))] + chance.randbytes(chance.choice([0, 0, 3]))


def spliced(chance: random.Random, made: Command) -> bytes:
    """The text of one command over the signature of another."""
    other = msgspec.structs.replace(made, counter=made.counter + chance.randint(1, 99))
    return note(other).split(b"\n\n")[0] + b"\n\n" + note(made).split(b"\n\n", 1)[1]


def of_others(chance: random.Random, made: Command) -> bytes:
    return chance.choice(
        [
            changed(made, station="vault-2"),
            changed(made, station="all"),
            changed(made, site="greenleaf-415"),
            changed(made, epoch="20261123T140405Z-7f3b"),
            changed(made, epoch=""),
        ]
    )


def old_counter(chance: random.Random, made: Command) -> bytes:
    return changed(made, counter=chance.randint(max(1, made.counter - 9), made.counter - 1))


def malformed(chance: random.Random, made: Command) -> bytes:
    """Signed, and still no command."""
    text = msgspec.json.encode(made)
    number = chance.choice([b"NaN", b"-1", b"0", b"1e999", b"9" * 500, b"1.5", b"null", b'"7"', b"[7]", b"-0"])
    return _signed(
        chance.choice(
            [
                text.replace(b'"counter":%d' % made.counter, b'"counter":' + number),
                text[: chance.randrange(len(text))],
                b"[" * chance.randint(17, 9_000),
                text.replace(b"{}", b'{"a":' * chance.randint(17, 300) + b"1" + b"}" * 300),
                b"7",
                b'{"verb":"ping"}',
                text.replace(b"ping", "p\u2028ing".encode()),
                text.replace(b'"verb"', b'"verbe"'),
            ]
        )
    )


def _signed(text: bytes) -> bytes:
    try:
        return note(text + b"\n")
    except NoteRefused:  # not even a text that a note can have
        return text


def garbage(chance: random.Random, _: Command) -> bytes:
    kind, size = chance.randrange(4), chance.choice([0, 1, 40, 400, 10_000])
    if kind == 0:
        return chance.randbytes(size)
    if kind == 1:
        return b"{" * size
    if kind == 2:
        return b"\xff\xfe\n\n\xe2\x80\x94 " + chance.randbytes(size) + b"\n"
    return b'{"verb":"ping"}\n\n\xe2\x80\x94 greenleaf-commands ' + b"A" * size + b"\n"


FORGES: dict[str, Forge] = {
    "flipped": flipped,
    "cut": cut,
    "spliced": spliced,
    "wrong_key": lambda _, made: note(made, OTHER_KEY),
    "of_others": of_others,
    "old_counter": old_counter,
    "expired": lambda _, made: changed(made, not_after="2026-11-23T00:00:00Z"),
    "other_verb": lambda chance, made: changed(made, verb=chance.choice(["unlock", "manifest", "lockdown", ""])),
    "malformed": malformed,
    "garbage": garbage,
}


def test_of_100_000_bad_commands_none_is_carried_out_and_the_good_ones_among_them_are(tmp_path: Path) -> None:
    world, chance = World(tmp_path), random.Random(SEED)
    refused: Counter[str] = Counter()
    counter, good = 1, 0
    for number in range(MESSAGES):
        if number % GOOD_EVERY == 0:
            counter += 1
            assert types(world.send(counter=counter)) == ["command.accepted"], number
            good += 1
            made = command("ping", counter + 1, _wall_ms(world))
        name, forge = chance.choice(list(FORGES.items()))
        payload = forge(chance, made)
        base = EVERY if chance.random() < 0.1 else BASE
        events = world.hear(payload, "ping", base, f"{base}/reply/office")
        assert "command.accepted" not in types(events), f"seed {SEED}, message {number}: {name} {payload[:300]!r}"
        refused.update({event.reason: event.times for event in events})  # type: ignore[attr-defined]
        world.now += 40
    refused.update({event.reason: event.times for event in world.tick(WINDOW_MS)})  # type: ignore[attr-defined]
    assert good == MESSAGES // GOOD_EVERY
    assert world.stamping.station.commands.counters.own == counter
    assert world.stamping.station.commands.counters.every == 0
    assert {"bad_signature", "not_json", "too_deep", "replayed", "expired", "other_station", "other_epoch"} <= set(
        refused
    )
    assert not (tmp_path / "chunks").exists()


def _wall_ms(world: World) -> int:
    return world.now + OFFSET_MS


def test_each_kind_of_forgery_is_told_from_the_command_that_it_forges(tmp_path: Path) -> None:
    """The control: the same message unforged, at the same moment, is accepted."""
    for name, forge in FORGES.items():
        world, chance = World(tmp_path), random.Random(name)
        assert types(world.send(counter=4)) == ["command.accepted"]
        made = command("ping", 5, _wall_ms(world))
        assert "command.accepted" not in types(world.hear(forge(chance, made))), name
        assert types(world.send(counter=5)) == ["command.accepted"], name
    assert HERE.station == "vault-1"
    assert KEY.verifier != OTHER_KEY.verifier
