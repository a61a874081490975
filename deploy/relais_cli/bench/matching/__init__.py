"""`bench matching`: one choice in a directory of a country, beside a plain SQL query and a plain loop.

`bench` runs it, `measured` measures one directory in a process of its own, `rows` says what came of it.
"""
