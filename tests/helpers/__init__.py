"""What several areas' tests need: the sample monoliths, running."""
