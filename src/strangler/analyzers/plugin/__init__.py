"""The front door: what a framework imports to say how its library behaves."""
