"""Apache Flink on the laptop: a session cluster and its SQL gateway, without a system Java."""
