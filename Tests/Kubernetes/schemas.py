#!/usr/bin/env python3
"""Whether a manifest is what each Kubernetes from 1.25 to the newest known takes, without a field that one does not know:
schemas.py FILE"""

import sys

import kubernetes_validate
import yaml

newest = int(kubernetes_validate.latest_version().split(".")[1])
with open(sys.argv[1]) as file:
    documents = [document for document in yaml.safe_load_all(file) if document]
for minor in range(25, newest + 1):
    for document in documents:
        kubernetes_validate.validate(document, f"1.{minor}", strict=True)
print(f"{len(documents)} documents, 1.25 to 1.{newest}")
