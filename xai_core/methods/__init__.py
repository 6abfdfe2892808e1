"""One file, one explanation method; `method.methods()` finds whatever lies here."""
