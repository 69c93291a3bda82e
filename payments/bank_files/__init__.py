"""A bank's file, imported whole or not at all."""
