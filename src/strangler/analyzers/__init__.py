"""Reading a monolith: facts per file, then one linking pass that knows the frameworks."""
