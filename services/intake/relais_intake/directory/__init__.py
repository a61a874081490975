"""The directory: who helps with what, declared line by line over HTTP or from a file.

A door of intake beside the cases. It keeps what was said last and who said it; it never ranks or merges.
"""
