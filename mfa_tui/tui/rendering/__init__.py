"""Drawing frames: the screen buffer, the driver and the ASCII fallback."""
