"""An invented directory of any size, as a real country's would be: communes by population, services as really mixed.

`relais directory generate` writes it, `bench matching` measures with it. It reads no database and sends nothing.
"""
