"""The demo world: three families of cartoon creatures whose truth is known, drawn by code from a seed."""
