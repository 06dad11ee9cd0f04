"""The person's clipboard, which over SSH is another machine's: which way leads there, and going it."""
