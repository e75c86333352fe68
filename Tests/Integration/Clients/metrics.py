"""Reads metrics with Prometheus' own library for Python: metrics.py prometheus|openmetrics < TEXT

Prints each sample as NAME{LABEL=VALUE,…} NUMBER.
"""

import sys

if sys.argv[1] == "openmetrics":
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
else:
    from prometheus_client.parser import text_string_to_metric_families

for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        labels = ",".join(f"{name}={value}" for name, value in sample.labels.items())
        print(f"{sample.name}{{{labels}}} {sample.value!r} {family.type}")
