"""The board: who must act next, what, and by when, for coordinators, operators and partners.

Fed by the events of cases, hand-offs and the directory; read by its pages. It decides nothing and sends nothing.
"""
