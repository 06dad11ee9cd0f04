"""The command line: the parser, the entry point and a module per command."""
