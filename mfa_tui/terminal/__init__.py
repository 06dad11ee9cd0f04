"""The terminal that the program runs in: its capabilities, input and output, signals, printer and clipboard."""
