"""Data sets of pictures: bringing them in, keeping them, reading them."""
