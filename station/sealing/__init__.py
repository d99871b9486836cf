"""Pure base of all evidence: hashes and signed statements. Imports nothing of ours."""
