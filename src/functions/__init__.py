"""Code that AWS runs for the learner."""
