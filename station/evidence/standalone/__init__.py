"""The verifier that goes into every bundle: one file that needs Python and nothing else."""
