"""Training on a Ray cluster. Importing it, or a job that asks for none, imports no Ray."""
