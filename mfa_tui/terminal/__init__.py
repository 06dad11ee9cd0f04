"""What depends on the terminal that the program runs in."""
