"""A map of pictures: what a network makes of them in two dimensions, and how far that can be trusted."""
