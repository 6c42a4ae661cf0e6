"""The tagging API over the services that the emulator's does not look into."""
