"""The part of AWS's `awsglue` library that Python shell jobs use."""
