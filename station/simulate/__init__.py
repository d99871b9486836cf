"""The real daemon on simulated hardware."""
