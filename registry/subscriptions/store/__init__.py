"""SQL of subscriptions: what is wanted, which events match, what is to be sent."""
