"""Judges that ship with the package: small, on the CPU, without a download."""
