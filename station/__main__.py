"""`python -m station`, and the program `station`."""

import sys


def main() -> None:
    """Run the command line; `lock-safe` without loading anything else, for anything else may be what is broken."""
    if sys.argv[1:2] == ["lock-safe"] and not {"-h", "--help"} & set(sys.argv):
        from station.door import lock_safe

        sys.exit(lock_safe.main(sys.argv[2:]))
    from station import cli

    cli.main()


if __name__ == "__main__":
    main()
