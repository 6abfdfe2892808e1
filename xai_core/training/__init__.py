"""Training a small classifier on somebody's own pictures."""
