"""The laptop's AWS. Nothing else imports it but `helpers.target` and the command line."""
