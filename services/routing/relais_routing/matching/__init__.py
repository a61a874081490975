"""Who helps this person with this need: the choice, its reasons, and the record that proves it.

The chain asks it when a step needs a partner; the options question asks it too. Pure and in memory:
it reads no clock, no database, and never knows what sender or provider would like.
"""
