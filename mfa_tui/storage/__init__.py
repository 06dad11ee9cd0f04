"""Files of ours on the user's disk."""
