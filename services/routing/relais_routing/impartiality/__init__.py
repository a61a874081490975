"""Fairness, watched: what each partner, group and operator received, against what honest draws would have given it.

Reads stored decisions and nothing that moves; chooses nobody, and no choice ever sees what is counted here.
"""
