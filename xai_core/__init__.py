"""Second Look's core: values in, values out. Import what you need from its module; notebooks start at `notebook`."""
