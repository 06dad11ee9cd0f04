"""The HTTP API that client and server share: models, codec, error codes."""
