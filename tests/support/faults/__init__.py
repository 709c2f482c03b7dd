"""The fault matrix: every fault against every operation, and what the gateway must answer."""
