"""What is known of a link, and of what queues at its end."""
