"""Flink Studio on the laptop: its application is the local Flink."""
