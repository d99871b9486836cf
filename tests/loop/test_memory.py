"""What the C library keeps of a program's memory, seen from a program of its own."""

import subprocess
import sys

import pytest

START = "import re, threading\nfrom station.spine import memory\n"
COUNT_ARENAS = """
wall = threading.Barrier(7)

def use():
    wall.wait()
    kept = [bytes(900) for _ in range(500)]
    wall.wait()

threads = [threading.Thread(target=use) for _ in range(6)]
for thread in threads: thread.start()
wall.wait()
ranges = re.findall(r'^([0-9a-f]+)-([0-9a-f]+) ---p 0+ 00:00', open('/proc/self/maps').read(), re.M)
print(sum(60 << 20 < int(end, 16) - int(begin, 16) < 64 << 20 for begin, end in ranges))
wall.wait()
"""
FREE_MUCH = """
def resident_kb():
    return int(re.search(r'VmRSS:\\s+([0-9]+)', open('/proc/self/status').read())[1])

blocks = [bytes(3_000) for _ in range(20_000)]
last = blocks[-1]
del blocks
before = resident_kb()
"""


def run(script: str) -> int:
    return int(subprocess.run([sys.executable, "-c", START + script], capture_output=True, check=True).stdout)


@pytest.mark.parametrize(("call", "is_one"), [("", False), ("memory.share_one_arena()\n", True)])
def test_threads_share_one_pool_of_memory(call: str, is_one: bool) -> None:
    assert (run(call + COUNT_ARENAS) == 0) == is_one


def test_what_was_freed_is_given_back() -> None:
    given_back = FREE_MUCH + "memory.give_back()\nprint(before - resident_kb())"
    kept = FREE_MUCH + "print(before - resident_kb())"
    assert run(given_back) > 20_000 > run(kept)


def test_another_c_library_keeps_what_it_keeps() -> None:
    assert run("memory._call_libc('no_such_function', 1)\nprint(7)") == 7
