"""Reads a service of OGC API - Features with OWSLib and prints what it finds as JSON.

    python3 read.py http://127.0.0.1:8080 COLLECTION COLUMN CONDITION
"""
import json
import sys

import owslib
from owslib.ogcapi.features import Features

base, name, column, condition = sys.argv[1:5]
service = Features(base)


def pages(**more):
    """All features, 7 on a page, by offset as OWSLib counts them."""
    features, offset = [], 0
    while True:
        page = service.collection_items(name, limit=7, offset=offset, **more)
        features += page["features"]
        offset += len(page["features"])
        if offset >= page["numberMatched"] or not page["features"]:
            return page["numberMatched"], features


matched, features = pages()
first = features[0]["id"]
bare = service.collection_items(name, limit=3, properties=[column, "name"], skipGeometry="true")
box = service.collection(name)["extent"]["spatial"]["bbox"][0]
try:
    refused = str(service.collection_items(name, q="Nowhere"))
except RuntimeError as e:
    refused = "refused: " + str(e)
print(json.dumps({
    "version": owslib.__version__,
    "conformance": service.conformance()["conformsTo"],
    "collections": [c["id"] for c in service.collections()["collections"]],
    "feature_collections": service.feature_collections(),
    "queryables": sorted(service.collection_queryables(name)["properties"]),
    "matched": matched,
    "ids": [f["id"] for f in features],
    "sum": sum(f["properties"][column] or 0 for f in features),
    "filtered": pages(filter=condition)[0],
    "in_box": service.collection_items(name, bbox=box, limit=1)["numberMatched"],
    "properties": sorted({k for f in bare["features"] for k in f["properties"]}),
    "geometries": [f["geometry"] for f in bare["features"]],
    "item": service.collection_item(name, first)["id"],
    "refused": refused,
}))
