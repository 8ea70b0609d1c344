"""measure.py FILE COMMAND...: runs the command and writes its seconds and its peak memory to FILE.

A process of its own, without imports that cost memory: what the kernel counts as a child's peak begins
with the memory of the process that started it.
"""

import os
import sys
import time

begin = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - begin
with open(sys.argv[1], "w") as file:
    file.write(f'{{"seconds": {seconds}, "peak_mib": {usage.ru_maxrss / 1024}}}')
sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
