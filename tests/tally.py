"""Adds up pytest's JUnit files: `N passed, N failed, N skipped` as one line, why tests were skipped, or the slowest.

A missing file counts as nothing: pytest did not come so far, and its step has failed already.
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

SLOWEST = 20


def cases(paths: Sequence[Path]) -> Iterator[ET.Element]:
    """Each `testcase` of the files that exist."""
    for path in paths:
        if path.exists():
            yield from ET.parse(path).iter("testcase")


def verdict(case: ET.Element) -> str:
    """`failed`, `skipped` or `passed`; an error in a fixture is a failure."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def closing_line(paths: Sequence[Path]) -> str:
    """The figures of all files; a test that failed and broke in its teardown too counts once."""
    worst = {"passed": 0, "skipped": 1, "failed": 2}
    by_name: dict[tuple[str, str], str] = {}
    for case in cases(paths):
        name = (case.get("classname", ""), case.get("name", ""))
        by_name[name] = max(by_name.get(name, "passed"), verdict(case), key=worst.__getitem__)
    count = Counter(by_name.values())
    return f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped"


def skip_reasons(paths: Sequence[Path]) -> list[str]:
    """One line a reason, with how many tests it kept from running, the most frequent first."""
    found = (case.find("skipped") for case in cases(paths))
    reasons = Counter(skip.get("message", "no reason given") for skip in found if skip is not None)
    return [f"{times} tests: {reason}" for reason, times in reasons.most_common()]


def slowest(paths: Sequence[Path], most: int = SLOWEST) -> list[str]:
    """One line a test with its seconds, setup and teardown included, the slowest first."""
    took_s: dict[str, float] = {}
    for case in cases(paths):
        name = f"{case.get('classname', '')}::{case.get('name', '')}"
        took_s[name] = took_s.get(name, 0.0) + float(case.get("time", 0))
    return [f"{took_s[name]:8.1f} s  {name}" for name in sorted(took_s, key=took_s.__getitem__, reverse=True)[:most]]


def main(arguments: Sequence[str]) -> None:
    """Print the closing line, or with `--reasons` the reasons, or with `--slowest` the slowest tests."""
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    if "--reasons" in arguments:
        lines = skip_reasons(paths)
    elif "--slowest" in arguments:
        lines = slowest(paths)
    else:
        lines = [closing_line(paths)]
    for line in lines:
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
