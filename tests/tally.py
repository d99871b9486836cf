"""Adds up pytest's JUnit files: `N passed, N failed, N skipped` as one line, or why tests were skipped.

A missing file counts as nothing: pytest did not come so far, and its step has failed already.
"""

import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path


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


def main(arguments: Sequence[str]) -> None:
    """Print the closing line, or with `--reasons` the reasons."""
    paths = [Path(argument) for argument in arguments if not argument.startswith("--")]
    lines = skip_reasons(paths) if "--reasons" in arguments else [closing_line(paths)]
    for line in lines:
        print(line)


if __name__ == "__main__":
    main(sys.argv[1:])
