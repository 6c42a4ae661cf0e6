"""SNS as the laptop's AWS answers it: the emulator's, with subscriptions that wait for their confirmation and mails."""
