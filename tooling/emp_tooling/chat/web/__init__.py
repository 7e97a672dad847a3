"""A chat in a browser, on Gradio."""
