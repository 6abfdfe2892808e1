"""What a network makes of pictures at its layers: computed once, kept on disk; for concepts and for the map."""
