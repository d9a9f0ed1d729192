"""Training: how the weights of our reader are made; nothing that runs needs it."""
