"""Data contracts."""
