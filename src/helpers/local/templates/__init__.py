"""Templates of CloudFormation, checked before a stack is touched, as AWS does."""
