"""What routing has told of hand-offs and steps, kept so that intake can answer at once.

A projection of `relais.handoffs`: it may be a moment behind, and it decides nothing.
"""
