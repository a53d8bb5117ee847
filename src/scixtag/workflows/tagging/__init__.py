"""Tag whole archives: in shards, on an engine, with a journal beside the output from which the work goes on."""
