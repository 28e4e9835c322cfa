"""One file or folder a library that the reader understands; each uses the front door only."""
