"""The automated judge: scores replies with the plugin's rewards and builds pairs from that."""
