"""What is asked of a hand-off: a first look here, so that the asker knows at once; routing decides.

`decider` is pure; the shell in `store` gives it routing's last word with the undecided actions on top.
"""
