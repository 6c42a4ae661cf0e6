"""What Glue's Python has besides the libraries: on the path of each job."""
