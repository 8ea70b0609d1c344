"""pgloader: CSV straight into the keyed table, its own batches. pgloader.py URL CSV TABLE"""

import subprocess
import sys
import tempfile

url, path, table = sys.argv[1:4]

COMMANDS = f"""
LOAD CSV FROM '{path}' INTO {url} TARGET TABLE {table}
 WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '"',
      batch rows = 25000, prefetch rows = 100000
 SET work_mem TO '64MB';
"""

with tempfile.NamedTemporaryFile("w", suffix=".load") as file:
    file.write(COMMANDS)
    file.flush()
    # It runs in a folder of its own, because it keeps its reject files there.
    with tempfile.TemporaryDirectory() as folder:
        command = ["pgloader", "--quiet", "--root-dir", folder, file.name]
        sys.exit(subprocess.run(command, check=False).returncode)
