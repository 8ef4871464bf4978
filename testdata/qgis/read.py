"""Reads a service with QGIS, without a screen, and prints what it finds as JSON.

    python3 read.py http://127.0.0.1:8080 COLLECTION COLUMN FILTER

The collection is opened as a layer of OGC API - Features, whole and with a
filter; COLUMN is added up. Then it is drawn from its vector tiles, where it is
and where it is not.
"""
import json
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (Qgis, QgsApplication, QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsMapRendererParallelJob,
                       QgsMapSettings, QgsProject, QgsRectangle, QgsVectorLayer, QgsVectorTileLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

base, name, column, condition = sys.argv[1:5]
app = QgsApplication([], False)
app.initQgis()


def features(condition=""):
    layer = QgsVectorLayer(f"pagingEnabled='true' restrictToRequestBBOX='0' typename='{name}' url='{base}'", name, "OAPIF")
    if not layer.isValid():
        return {"valid": False}
    if condition:
        layer.setSubsetString(condition)
    rows = list(layer.getFeatures())
    box = layer.extent()
    return {
        "valid": True, "said": layer.featureCount(), "read": len(rows), "geometry": Qgis.GeometryType(layer.geometryType()).name if hasattr(Qgis, "GeometryType") else int(layer.geometryType()),
        "extent": [round(v, 5) for v in (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())],
        "fields": {f.name(): f.typeName() for f in layer.fields()},
        "sum": sum(f[column] for f in rows if f[column]),
    }


def painted(box):
    """How many pixels of a picture of a box in degrees the tiles paint."""
    layer = QgsVectorTileLayer(f"type=xyz&url={base}/tiles/{name}/%7Bz%7D/%7Bx%7D/%7By%7D.pbf&zmin=0&zmax=14", name)
    if not layer.isValid():
        return -1
    web = QgsCoordinateReferenceSystem("EPSG:3857")
    s = QgsMapSettings()
    s.setLayers([layer])
    s.setDestinationCrs(web)
    s.setBackgroundColor(QColor("white"))
    s.setOutputSize(QSize(200, 200))
    s.setExtent(QgsCoordinateTransform(QgsCoordinateReferenceSystem("OGC:CRS84"), web, QgsProject.instance()).transformBoundingBox(box))
    job = QgsMapRendererParallelJob(s)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return sum(image.pixelColor(x, y) != QColor("white") for x in range(200) for y in range(200))


whole = features()
w, s, e, n = whole.get("extent", [0, 0, 1, 1])
print(json.dumps({"qgis": Qgis.QGIS_VERSION, "whole": whole, "filtered": features(condition),
                  "painted": painted(QgsRectangle(w, s, e, n)), "painted_at_sea": painted(QgsRectangle(-40, -30, -20, -10))}))
sys.stdout.flush()
os._exit(0)  # QGIS may fall while it is taken down
