"""Draws a result of a service with QGIS, without a screen, as the manual shows it.

    python3 picture.py http://127.0.0.1:8080 docs/img/qgis-italy.png
"""
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (QgsApplication, QgsClassificationQuantile, QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsFillSymbol,
                       QgsGraduatedSymbolRenderer, QgsMapRendererParallelJob, QgsMapSettings, QgsMarkerSymbol, QgsProject,
                       QgsSingleSymbolRenderer, QgsStyle, QgsVectorLayer)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

base, out = sys.argv[1:3]
app = QgsApplication([], False)
app.initQgis()


def features(name, condition=""):
    layer = QgsVectorLayer(f"pagingEnabled='true' restrictToRequestBBOX='0' typename='{name}' url='{base}'", name, "OAPIF")
    if not layer.isValid():
        sys.exit(f"{name}: QGIS cannot open it")
    if condition:
        layer.setSubsetString(condition)
    return layer


regions = features("baseline-it-regions")
ramp = QgsStyle.defaultStyle().colorRamp("Blues")
shades = QgsGraduatedSymbolRenderer("per_10m")
shades.setSourceSymbol(QgsFillSymbol.createSimple({"outline_color": "#666666", "outline_width": "0.2"}))
shades.setClassificationMethod(QgsClassificationQuantile())
shades.updateClasses(regions, 4)
shades.updateColorRamp(ramp)
regions.setRenderer(shades)
sites = features("baseline-it-sites")
sites.setRenderer(QgsSingleSymbolRenderer(QgsMarkerSymbol.createSimple({"name": "circle", "color": "#d7301f", "outline_color": "white", "size": "2.4"})))

s = QgsMapSettings()
s.setLayers([sites, regions])
s.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3035"))
s.setBackgroundColor(QColor("white"))
s.setOutputSize(QSize(900, 1000))
to = QgsCoordinateTransform(regions.crs(), s.destinationCrs(), QgsProject.instance())
box = to.transformBoundingBox(regions.extent())
box.scale(1.05)
s.setExtent(box)
job = QgsMapRendererParallelJob(s)
job.start()
job.waitForFinished()
if not job.renderedImage().save(out):
    sys.exit(f"{out} cannot be written")
print(f"{out}: {regions.featureCount()} regions, {sites.featureCount()} sites")
app.exitQgis()
