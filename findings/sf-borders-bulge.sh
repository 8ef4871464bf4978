#!/usr/bin/env bash
# Package:  R sf 1.0-9 with s2 1.1.2 (Debian r-cran-sf 1.0-9+dfsg-1+b1, r-cran-s2 1.1.2-1).
# Source:   sf's vignette on spherical geometry: with degrees, edges are parts of great circles since sf 1.0. GeoJSON (RFC 7946,
#           3.1.1) says that an edge is the straight line between its positions.
# Guess:    a town at 41.03° north lies in the state whose border runs along 41° from corner to corner, north of it.
# Seen:     st_join puts the town into the state in the south: the great circle between the two corners, seven degrees apart, runs
#           up to 6 km north of the parallel. With sf_use_s2(FALSE) it is in the north, as it is by PostGIS's geometry, QGIS and GDAL.
# Matters:  borders along parallels (states and provinces of North America and Australia, grids, boxes) have few corners in files
#           made small for maps. People along them are counted for the neighbour, and two teams with one file get two numbers.
# Exits:    0 while it is seen, 1 when it is not, 2 when it cannot be tried.
set -euo pipefail
Rscript -e 'library(sf); library(s2)' >/dev/null 2>&1 || apt-get install -yq r-cran-sf r-cran-s2 >/dev/null || exit 2
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT; cd "$tmp"
cat > towns.R <<'R'
suppressMessages(library(sf))
state <- function(name, south, north) st_sf(state = name, geometry = st_sfc(st_polygon(list(rbind(
  c(-109, south), c(-102, south), c(-102, north), c(-109, north), c(-109, south)))), crs = 4326))
states <- rbind(state("southern", 37, 41), state("northern", 41, 45))
town <- st_as_sf(data.frame(lon = -105.5, lat = 41.03), coords = c("lon", "lat"), crs = 4326)
of <- function(s2) { suppressMessages(sf_use_s2(s2)); suppressWarnings(suppressMessages(st_join(town, states)$state)) }
cat("sf", as.character(packageVersion("sf")), "s2", as.character(packageVersion("s2")), "\n")
cat("the town 3 km north of the border is in the", of(TRUE), "state, and on the plane of degrees in the", of(FALSE), "\n")
quit(status = if (of(TRUE) == "southern" && of(FALSE) == "northern") 0 else 1)
R
Rscript towns.R
