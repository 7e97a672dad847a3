"""The surface of a text: sentences, words, what two texts share, and the phrases that are cues."""
