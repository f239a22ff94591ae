"""Sentence models of the package sentence-transformers."""
