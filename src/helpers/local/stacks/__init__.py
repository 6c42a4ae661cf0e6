"""What the emulator's CloudFormation lacks of the lab's stack."""
