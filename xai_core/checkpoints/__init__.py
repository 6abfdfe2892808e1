"""Bring a model: what an uploaded file is, its weights read in a process of their own, and their fit to a network."""
