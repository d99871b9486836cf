"""Proof: what a journal or an export holds, checked from its bytes alone."""
