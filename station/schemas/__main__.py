"""Write the schemas: `python -m station.schemas` where they stand in the checkout, `… DIRECTORY` elsewhere."""

import sys
from pathlib import Path

from station.schemas.files import write_files

USAGE = "usage: python -m station.schemas [DIRECTORY]"


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print(USAGE, file=sys.stderr)
        return 2
    directory = Path(arguments[0]) if arguments else Path(__file__).parent
    try:
        print(f"{directory}: {write_files(directory)} files")
    except OSError as error:
        print(f"{directory}: {error.strerror}; must be a directory that can be written", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
