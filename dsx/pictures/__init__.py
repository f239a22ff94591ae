"""Pictures made in Python: for print, and for a notebook that no kernel answers."""
