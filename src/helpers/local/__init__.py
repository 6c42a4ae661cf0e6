"""The laptop's AWS. Nothing else imports it but `helpers.lab` and the command line."""
