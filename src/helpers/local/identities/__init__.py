"""Roles and policies of the local IAM, refused in AWS's words."""
