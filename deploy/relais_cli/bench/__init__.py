"""`relais bench`: measures side by side with what one would use instead, on a broker and a database of its own.

Prints ratios with their spread and writes `build/bench/`. It judges nothing and leaves nothing behind.
"""
