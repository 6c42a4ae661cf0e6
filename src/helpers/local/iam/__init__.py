"""Access management of the local AWS, where callers are held to their policies (`AUTH=true`)."""
