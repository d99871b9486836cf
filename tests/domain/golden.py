"""Write the golden leaf of each event type that has none yet: `python -m tests.domain.golden`. One that stands is never
changed: journals out there hold those bytes."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from station.domain.core.event import Event
from station.domain.station.leaf import encode
from tests.domain.samples import SAMPLES, recorded
from tests.domain.stamping import EPOCH, SOURCE

PATH = Path(__file__).with_name("golden_leaves.json")


def with_new_leaves(golden: Mapping[str, str], samples: Iterable[Event]) -> dict[str, str]:
    """The golden leaves, and after them those of the samples whose types have none."""
    found = dict(golden)
    for sample in samples:
        found.setdefault(sample.TYPE, encode(recorded(sample), SOURCE, EPOCH).decode())
    return found


def main() -> None:
    """Write the file anew."""
    found = with_new_leaves(json.loads(PATH.read_text("utf-8")), SAMPLES)
    PATH.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(f"{PATH.name}: {len(found)} leaves")


if __name__ == "__main__":
    main()
