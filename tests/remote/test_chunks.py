"""A command whose body travels in chunks: cut, resumed, wrong, missing, rotten, too many."""

import hashlib
from pathlib import Path

import msgspec
import pytest

from station.domain.commands.verbs import CHUNK_BYTES, NO_BODY, Chunked
from station.domain.count.events import PlanLoaded
from station.relay.chunks import Chunks, ChunksRefused, check_chunk_count
from station.relay.pending import ASKED_AGAIN_MAX, PENDING_MAX
from tests.domain.play import plan_bytes
from tests.remote.office import chunked
from tests.remote.world import World, types


def large_plan(version: int = 1, chunks: int = 4) -> bytes:
    """A plan of so many chunks."""
    plan = msgspec.json.decode(plan_bytes("P-1", version, "AB"))
    digests = (hashlib.sha256(b"%d %d" % (version, number)).hexdigest() for number in range(chunks * 768))
    filler = "".join(digests)[: (chunks - 1) * CHUNK_BYTES]
    return msgspec.json.encode({**plan, "books": {"filler": filler}})


PLAN = large_plan()
ABOUT, PIECES = chunked(PLAN)
FILES = set(ABOUT.chunks)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def offer(world: World, counter: int = 1, about: Chunked = ABOUT) -> list[str]:
    return types(world.send("plan", counter, body=NO_BODY, chunked=about))


def give(world: World, *indices: int, about: Chunked = ABOUT, pieces: list[bytes] = PIECES) -> list[str]:
    return [name for index in indices for name in types(world.chunk(about.chunks[index], pieces[index]))]


def missing(world: World) -> list[list[int]]:
    """What the replies since the last call say is missing."""
    replies, world.replies = world.replies, []
    return [reply.values["missing"] for reply in replies if "missing" in reply.values]


def kept(world: World) -> set[str]:
    directory = world.directory / "chunks"
    return {path.name for path in directory.iterdir()} if directory.exists() else set()


def test_a_plan_in_chunks_is_decided_when_it_is_whole(world: World) -> None:
    assert offer(world) == []
    assert missing(world) == [[0, 1, 2, 3]]
    assert give(world, 2, 0, 3) == []
    assert world.stamping.station.commands.counters.own == 0
    assert give(world, 1) == ["command.accepted", "plan.loaded"]
    assert world.told() == ["ok"]
    plan = world.stamping.station.count.loaded
    assert plan is not None
    assert len(plan.packages) == 2
    assert world.stamping.documents[ABOUT.document] == PLAN


def test_the_chunks_are_deleted_when_the_command_is_done(world: World) -> None:
    offer(world)
    give(world, 0, 1, 2)
    assert kept(world) == FILES - {ABOUT.chunks[3]}
    give(world, 3)
    world.tick()
    assert kept(world) == set()


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_cut_resumes_where_it_was(world: World, is_restarted: bool) -> None:
    offer(world)
    give(world, 0, 2)
    missing(world)
    if is_restarted:
        world.restart()
    assert offer(world) == []
    assert missing(world) == [[1, 3]]
    assert give(world, 1, 3) == ["command.accepted", "plan.loaded"]


def test_the_same_offer_over_and_over_is_carried_out_once(world: World) -> None:
    for _ in range(3):
        offer(world)
    assert give(world, 0, 1, 2, 3) == ["command.accepted", "plan.loaded"]
    assert offer(world) == ["command.refused replayed"]
    assert give(world, 0, 1, 2, 3) == []


def test_a_wrong_chunk_is_dropped_and_asked_for_again(world: World) -> None:
    offer(world)
    give(world, 0, 1, 3)
    missing(world)
    for wrong in (PIECES[2][:-1], PIECES[1], b"", PIECES[2] + b"x", b"x" * 100_000):
        assert types(world.chunk(ABOUT.chunks[2], wrong)) == []
        assert missing(world) == [[2]]
    assert ABOUT.chunks[2] not in kept(world)
    assert give(world, 2) == ["command.accepted", "plan.loaded"]


def test_wrong_chunks_are_not_asked_for_without_end(world: World) -> None:
    offer(world)
    missing(world)
    for _ in range(ASKED_AGAIN_MAX + 50):
        world.chunk(ABOUT.chunks[2], b"wrong")
    assert len(missing(world)) == ASKED_AGAIN_MAX
    assert give(world, 0, 1, 2, 3) == ["command.accepted", "plan.loaded"]


def test_a_chunk_that_nobody_signed_for_is_not_kept(world: World) -> None:
    stranger = b"x" * 100
    world.chunk(hashlib.sha256(stranger).hexdigest(), stranger)
    give(world, 0)
    for name in ("..", "../../etc", "part", "", "A" * 64):
        world.chunk(name, stranger)
    assert kept(world) == set()


def test_a_chunk_that_rotted_on_the_disk_is_missing_again(world: World) -> None:
    offer(world)
    give(world, 0, 1, 2)
    (world.directory / "chunks" / ABOUT.chunks[1]).write_bytes(b"rotten")
    missing(world)
    assert give(world, 3) == []
    assert missing(world) == [[1]]
    assert give(world, 1) == ["command.accepted", "plan.loaded"]


def test_a_command_that_expires_takes_its_chunks_with_it(world: World) -> None:
    offer(world)
    give(world, 0, 1)
    assert world.tick(59_000) == []
    assert len(kept(world)) == 2
    world.tick(2_000)
    assert kept(world) == set()
    assert give(world, 2) == []


def test_a_command_that_is_refused_anyway_gets_no_chunks(world: World) -> None:
    assert types(world.send("plan", body=NO_BODY, chunked=ABOUT, epoch="other")) == ["command.refused other_epoch"]
    assert give(world, 0) == []
    assert (missing(world), kept(world)) == ([], set())


def test_a_body_in_chunks_that_breaks_a_rule_is_refused_when_it_is_whole(world: World) -> None:
    about, pieces = chunked(b"{" * (CHUNK_BYTES + 1))
    offer(world, about=about)
    assert give(world, 0, 1, about=about, pieces=pieces) == ["command.refused bad_body"]
    assert world.stamping.station.commands.counters.own == 0


@pytest.mark.parametrize(
    "about",
    [
        msgspec.structs.replace(ABOUT, chunks=ABOUT.chunks[:-1]),
        msgspec.structs.replace(ABOUT, bytes=ABOUT.bytes + CHUNK_BYTES),
        msgspec.structs.replace(ABOUT, bytes=1),
    ],
)
def test_sizes_that_cannot_be_are_refused_before_anything_is_kept(world: World, about: Chunked) -> None:
    with pytest.raises(ChunksRefused):
        check_chunk_count(about)
    assert offer(world, about=about) == ["command.refused bad_body"]
    assert give(world, 0) == []


def test_right_chunks_of_a_wrong_document_come_to_nothing(world: World) -> None:
    offer(world, about=msgspec.structs.replace(ABOUT, document="0" * 64))
    assert give(world, 0, 1, 2, 3) == []
    assert kept(world) == set()
    assert offer(world) == []
    assert give(world, 0, 1, 2, 3) == ["command.accepted", "plan.loaded"]


def test_only_so_many_commands_wait_at_once(world: World) -> None:
    plans = [chunked(large_plan(version)) for version in range(1, PENDING_MAX + 2)]
    for counter, (about, pieces) in enumerate(plans, 1):
        offer(world, counter, about)
        give(world, 0, about=about, pieces=pieces)
    assert len(kept(world)) <= PENDING_MAX
    first, pieces = plans[0]
    assert give(world, 1, 2, 3, about=first, pieces=pieces) == []
    newest, pieces = plans[-1]
    assert give(world, 1, 2, 3, about=newest, pieces=pieces) == ["command.accepted", "plan.loaded"]


def test_what_was_left_by_an_earlier_run_is_bounded(tmp_path: Path) -> None:
    chunks = Chunks(tmp_path / "chunks", bytes_max=3 * CHUNK_BYTES)
    for piece in PIECES:
        assert chunks.keep_chunk(hashlib.sha256(piece).hexdigest(), piece)
    (tmp_path / "chunks" / "part").write_bytes(b"cut")
    chunks.delete_oldest()
    assert len(list((tmp_path / "chunks").iterdir())) == 3


def test_a_disk_that_refuses_costs_the_command_and_nothing_else(world: World) -> None:
    offer(world)
    (world.directory / "chunks").write_bytes(b"no directory")
    assert give(world, 0) == []
    assert world.tick() == []
    assert types(world.send()) == ["command.accepted"]


def test_a_plan_of_50_000_packages_fits(world: World) -> None:
    packages = [{"tag": f"1A40603000000010{number:08d}", "item": f"Live Resin {number}"} for number in range(50_000)]
    head = {"plan": "P-2", "version": 1, "kind": "guided", "location": "Vault A"}
    about, pieces = chunked(msgspec.json.encode({**head, "packages": packages}))
    assert offer(world, about=about) == []
    *_, loaded = [event for name, piece in zip(about.chunks, pieces, strict=True) for event in world.chunk(name, piece)]
    assert isinstance(loaded, PlanLoaded)
    assert (loaded.packages, loaded.document) == (50_000, about.document)
