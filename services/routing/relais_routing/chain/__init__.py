"""The chain: every hand-off of one case, from the strategy to its end.

The decider of routing. What is decided here is decided without I/O: `now`, the policy, the directory and the draw
come in with the command.
"""
