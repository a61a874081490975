"""The case: what a counsellor may say of it, in which order, and who may be shown the person's contact.

Pure: the shell in `store` loads, asks and appends. Nothing here reads a clock, a database or a log.
"""
