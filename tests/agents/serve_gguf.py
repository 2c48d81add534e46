"""llama.cpp's server over one GGUF file, as the wheel xllamacpp brings it: no compiler needed.

python serve_gguf.py model.gguf NAME CONTEXT; prints its address, and ends when stdin does. Run by
the Python of the servers' own environment, see `make test-servers`.
"""

import sys

import xllamacpp

path, name, context = sys.argv[1:]
params = xllamacpp.CommonParams()
params.model.path = path
params.model_alias = {name}
params.n_ctx = int(context)
params.n_parallel = 1
params.cpuparams.n_threads = 1
params.hostnames = ["127.0.0.1"]
params.port = 0
params.offline = True
server = xllamacpp.Server(params)
print(f"\n{server.listening_address}", flush=True)
sys.stdin.read()
