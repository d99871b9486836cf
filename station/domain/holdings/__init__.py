"""What lies where: (package, place) -> quantity and state, folded from movements. Knows no event."""
