"""`python -m station.backoffice` is the `backoffice` command."""

from station.backoffice.cli import main

main()
