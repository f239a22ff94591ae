"""How results are seen: widgets in the notebook, pictures for paper and for saved notebooks."""
