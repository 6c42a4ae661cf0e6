"""DynamoDB as the laptop's AWS answers it: the emulator's, with AWS's checks of expressions, tables and requests."""
