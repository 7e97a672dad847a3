"""An audit as a page, as tables in the terminal, and its warnings in words."""
