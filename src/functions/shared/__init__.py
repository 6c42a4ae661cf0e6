"""What both functions need. Nothing in `functions` imports `helpers`: on AWS there is none."""
