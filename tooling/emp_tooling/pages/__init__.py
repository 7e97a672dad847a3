"""What every HTML page of the tools is made of: sections, tables, charts, texts.

A page is one file that loads nothing. Colors come from the style sheet in ``page.html``, light and
dark. Functions that take texts escape them; what they return is HTML.
"""
