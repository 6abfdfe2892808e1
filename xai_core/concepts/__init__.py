"""Concept sets: pictures that have one idea in common, and pools of counter-examples."""
