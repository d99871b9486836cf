"""The domain: scenarios, invariants and the bytes that leave it."""
