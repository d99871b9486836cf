"""The receiving end: stores what stations send, checks what they sign, cosigns it, and asks for what is missing."""
