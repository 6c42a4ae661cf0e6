"""Quick Sight on the laptop: moto's users and groups, and what moto lacks."""
