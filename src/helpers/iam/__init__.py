"""What the lab may do on AWS, and what it does: policies, the rights that calls need, a recorder, refusals."""
