"""A terminal program for MFA recovery codes: see them, keep them, rotate them, use one."""

__version__ = "0.1.0"
