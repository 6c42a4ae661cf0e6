"""The course's pictures, one module for each topic, in one look."""
