"""Intake's doors over HTTP: events, actions, looks at one's own, readings of a contact.

They turn requests into commands and answers into responses. They decide nothing and store nothing by themselves.
"""
