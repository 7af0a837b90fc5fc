"""Middleware about the address that was asked for: its length, its faults, its plain form."""
