"""What a run says in the end."""
