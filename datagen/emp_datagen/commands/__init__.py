"""One file a verb of ``emp-datagen``."""
