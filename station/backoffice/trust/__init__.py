"""Whom the back office believes and what it signs by: stations' keys and their approvals, its own key files, TLS."""
