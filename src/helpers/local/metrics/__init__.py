"""The local CloudWatch: what it refuses, what it answers of metrics, and its alarms."""
