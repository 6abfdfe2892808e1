"""How good a model is on a data set, picture by picture."""
