"""Programs that run in a process of their own, because a hostile file can crash the library that they use.

They are started by path with an isolated interpreter, read one JSON document and answer in JSON lines.
"""
