"""Speed and memory of ``emp-datagen``, each against a named alternative where there is one."""
