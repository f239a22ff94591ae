"""Images through a model that sentence-transformers knows how to load (CLIP)."""
