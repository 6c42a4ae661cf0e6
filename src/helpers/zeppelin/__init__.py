"""The Zeppelin notes: written as Markdown, rendered for a learner's streams, checked, and run."""
