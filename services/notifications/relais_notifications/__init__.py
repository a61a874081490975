"""Notifications: the only door out. Carries hand-offs to partners, operators and coordinators.

Decides deliveries, never hand-offs."""
