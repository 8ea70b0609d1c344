"""dlt, write_disposition merge, loader files in CSV, from Parquet. dlt_merge.py URL PARQUET DATASET"""

import os
import sys
import tempfile
from collections.abc import Iterator

url, path, dataset = sys.argv[1:4]

# dlt keeps its state in the user's home unless it is told otherwise, before it is imported.
folder = tempfile.TemporaryDirectory(prefix="dlt-")
home = folder.name
os.environ["DLT_DATA_DIR"] = home
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import pyarrow
import pyarrow.parquet


@dlt.resource(name="supplier", write_disposition="merge", primary_key="id")
def suppliers() -> Iterator[pyarrow.Table]:
    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(batch_size=100_000):
        yield pyarrow.Table.from_batches([batch])


pipeline = dlt.pipeline(
    pipeline_name="bench",
    pipelines_dir=home,
    # It insists on a password, which a server that trusts loopback does not look at.
    destination=dlt.destinations.postgres(url.replace("@", ":unused@")),
    dataset_name=dataset,
)
info = pipeline.run(suppliers(), loader_file_format="csv")
info.raise_on_failed_jobs()
