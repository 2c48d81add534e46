"""What every hall may use: compiling kernels, looking names up, reading JSON.

Nothing here knows of robots, pictures or words; the halls import it, it imports none of them.
"""
