# Two commands do everything: make run, make test.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
ADDR    ?= 127.0.0.1:8080
FUZZ    ?= 5s
export CGO_ENABLED ?= 0
# A first build is the compiler's work on other people's modules. gin's MessagePack, which nothing here speaks, is an
# eighth of it; what debuggers ask for, and the collection of the compiler's own garbage, are a third of the rest. A
# compiler takes up to GOMEMLIMIT before it collects. Tests share what is compiled with these flags.
export GOFLAGS := $(GOFLAGS) -tags=nomsgpack -gcflags=all=-dwarf=false
COMPILE = GOGC=off GOMEMLIMIT=900MiB

.PHONY: run build modules release web web-test races test test-long check advisories bench load soak kills fleet-kills valhalla readers fuzz tools peers golden docs

run: build ## build, serve the atlas, print the address
	bin/careshed serve --addr $(ADDR)

# The app, which takes one core and the network, is made beside other people's modules, which take both cores.
build:
	@$(MAKE) --no-print-directory -j2 web modules
	$(COMPILE) go build -ldflags "-s -w -X main.version=$(VERSION)" -o bin/careshed ./cmd/careshed

modules: # compiles them, and fetches what is missing
	@$(COMPILE) go build $$(go list -deps ./cmd/careshed | grep '^[^/]*\.')

# What people download: a static binary for each system with licence, notices and README, a list of what is in it
# (CycloneDX), and the sums of all. The same commit gives the same bytes, wherever it is built.
RELEASE  ?= release
SYSTEMS   = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
CYCLONEDX = github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
release: web ## binaries for linux, macOS and Windows, with sums and an SBOM, in release/
	@command -v zip >/dev/null || { echo "make release needs zip: install it"; exit 1; }
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	@set -e; when=$$(git log -1 --format=%ct 2>/dev/null || echo 0); for system in $(SYSTEMS); do \
		os=$${system%%/*}; name=careshed-$(VERSION)-$$os-$${system##*/}; dir=$(RELEASE)/$$name; exe=careshed; test $$os != windows || exe=careshed.exe; \
		mkdir $$dir; GOOS=$$os GOARCH=$${system##*/} CGO_ENABLED=0 GOTOOLCHAIN=$(SAFEGO) go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$(VERSION)" -o $$dir/$$exe ./cmd/careshed; \
		cp LICENSE NOTICE README.md $$dir; chmod 755 $$dir/$$exe; find $$dir -exec touch -d @$$when {} +; \
		if test $$os = windows; then (cd $(RELEASE) && TZ=UTC zip -qrX $$name.zip $$name); \
		else tar -C $(RELEASE) --sort=name --owner=0 --group=0 --numeric-owner -cf - $$name | gzip -n9 > $$dir.tar.gz; fi; \
		rm -r $$dir; echo "$$name"; \
	done
	go run $(CYCLONEDX) app -json -licenses -noserial -main cmd/careshed -output $(RELEASE)/careshed-$(VERSION).cdx.json .
	cd $(RELEASE) && sed -i '/^    "timestamp":/d' *.cdx.json && sha256sum * > SHA256SUMS && cat SHA256SUMS

# The web app is built into the binary: Node.js 20.19 or later, and npm.
WEB = api/web
web: $(WEB)/dist/index.html.gz ## the web app

$(WEB)/node_modules/.package-lock.json: $(WEB)/package-lock.json
	@command -v npm >/dev/null || { echo "the web app needs Node.js (20.19 or later) with npm: install it, or build without the app with go build -o bin/careshed ./cmd/careshed"; exit 1; }
	cd $(WEB) && npm ci --no-audit --no-fund --loglevel=error

$(WEB)/dist/index.html.gz: $(WEB)/node_modules/.package-lock.json $(WEB)/index.html $(WEB)/vite.config.ts $(WEB)/tsconfig.json $(wildcard $(WEB)/src/* api/words/*.json)
	cd $(WEB) && npm run --silent build

web-test: build ## the three stories in headless Chromium
	cd $(WEB) && npm test --silent

# Every package, each test as small as still holds it, and the app in a browser: 8 minutes on two cores. No limit of time
# that a busy machine could break: -timeout ends what hangs.
test: tools build check ## all that must hold, in 8 minutes
	@echo "every package, a line each as it ends"
	go test -short -timeout 60m ./...
	$(MAKE) web-test
	@echo "all of it holds; make test-long is the same at full size, with races and fuzzing"

# The same at full size, races where goroutines share something (the commands only start what api and data do), and every
# decoder fuzzed: some 20 minutes.
CONCURRENT = ./api ./geo/road ./access/site ./access/study ./access ./api/state ./api/canvas ./data ./data/atlas ./geo ./geo/travel ./geo/road/osm ./geo/osrm
# What is held against other programs, and enumerated a second and third time, is not run under the race detector: it
# starts no other goroutines than the rest, and takes half of the time. The longest packages come first, so that both
# cores have work to the end.
ALONE = AgreesWith(PySAL|R$$|Spdep|PROJ)|Against(Clogit|GLM|R$$|Spdep|Peers|Solvers|PROJ|Enumeration|Scenarios)|GDAL|PostGIS|SharedLayers|Shapefile|RAAMOfMany|TSPLIB|Synthetic|DoNotDependOnTheUnit|(Center|Cover|Within|Solve)EqualsEnumeration|PortoWithABridgeClosed|ChangedWhereEverythingIsJoined
test-long: tools build check ## the same at full size, races, fuzzing
	CARESHED_STUDIES=300 go test -timeout 60m ./cmd/careshed ./geo/road ./...
	$(MAKE) -j2 races web-test
	$(MAKE) fuzz FUZZ=2s GUIDED=

# The browser waits for much of its time: its tests run beside these.
races:
	CGO_ENABLED=1 go test -race -short -skip '$(ALONE)' -timeout 60m $(CONCURRENT)

check: advisories ## format, vet, staticcheck, advisories
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "not formatted: $$unformatted"; exit 1; }
	$(COMPILE) go build ./...
	go vet ./...
	go tool staticcheck ./...

# What is known to be wrong with the modules and the Go release that this program is made of, where our code can reach it.
# The database of Go's advisories is a module: the version of that day (5 November 2026), so that what passes goes on
# passing; make advisories VULNDB=latest asks for the newest. The release is that of go.mod (toolchain).
VULNDB     ?= v0.0.0-20261105234957-e22db6528018
SAFEGO      = $(shell sed -n 's/^toolchain //p' go.mod)
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0
advisories: ## govulncheck over the advisories of a day
	@osv=$$(go mod download -json golang.org/x/vulndb@$(VULNDB) 2>/dev/null | sed -n 's/^\t"Dir": "\(.*\)",/\1/p')/data/osv; \
		test -d "$$osv" || { echo "SKIPPED: no advisories, golang.org/x/vulndb could not be fetched"; exit 0; }; \
		GOTOOLCHAIN=$(SAFEGO) go version >/dev/null 2>&1 || { echo "SKIPPED: no advisories, $(SAFEGO) could not be fetched"; exit 0; }; \
		echo "advisories of $$(basename $${osv%/data/osv}), $(SAFEGO)"; GOTOOLCHAIN=$(SAFEGO) go run $(GOVULNCHECK) -db "file://$$osv" ./...

# What tests compare with, from Debian: PROJ's geod and cs2cs (distances, systems), GDAL, OWSLib and geopandas (files and what
# the service says), R (statistics, sf), GLPK (plans), PostGIS (tables), poppler (maps in PDF), Chromium (the app), and a C
# compiler for the race detector. QGIS (python3-qgis, 600 MB) is not installed: its test runs where it is.
DEBIAN = proj-bin gdal-bin python3-gdal python3-owslib python3-requests python3-geopandas r-base-core r-cran-mass r-cran-spdep r-cran-hmisc r-cran-survival r-cran-sf \
	glpk-utils postgresql postgis postgresql-postgis poppler-utils gcc libc6-dev curl $(if $(shell command -v chromium || echo $(CHROMIUM)),,chromium)
tools:
	@missing=$$(for p in $(DEBIAN); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); test -z "$$missing" || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -q && apt-get install -yq --no-install-recommends $$missing; } || \
		echo "SKIPPED: tests that need one of these say so with go test -v; install them:" $$missing
	@test -d $(PEERS)/node_modules/highs || npm install --silent --no-audit --no-fund --prefix $(PEERS) $(PEERPACKAGES) || echo "SKIPPED: no peers of npm in $(PEERS); tests that compare with them say so with go test -v"
	@test -d $(READERS)/node_modules/mapshaper || npm install --silent --no-audit --no-fund --prefix $(READERS) $(READERPACKAGES) || echo "SKIPPED: no readers of npm in $(READERS); tests that read what is written with them say so with go test -v"
	@test -d "$${CARESHED_SHARED:-../shared}" || echo "SKIPPED: no real layers and known answers at $${CARESHED_SHARED:-../shared}; tests that need them say so with go test -v"

FUZZED = geo:FuzzInert data:FuzzCSV data:FuzzGeoJSON data:FuzzGeoJSONSeq data:FuzzGeoPackage data:FuzzGeoParquet data:FuzzWKB data:FuzzWKT data:FuzzShapefile data:FuzzXLSX data:FuzzKML data:FuzzFlatGeobuf data:FuzzTopoJSON data:FuzzSystem \
	geo/road:FuzzOpen geo/road:FuzzDIMACS geo/road/osm:FuzzImport geo/road/osm:FuzzBlock \
	geo/osrm:FuzzAnswer access/study:FuzzParse api:FuzzQuery api:FuzzAccept api:FuzzStudy api/cql2:FuzzText api/cql2:FuzzJSON api:FuzzTilePath api/draw:FuzzTitles

# Minimising each new input takes a minute of each (-fuzzminimizetime, if it is not given), in which nothing is tried: that
# is why a target may seem to make nine executions in three minutes. At the end the runner sometimes reports its own
# deadline as a failure; an input that fails is written to testdata/fuzz and named. A target that makes fewer executions
# than FLOOR gets ten times as long, and then fails: a check that tries nothing finds nothing.
# GUIDED is what builds them so that inputs which reach new code are kept; without it (two seconds a target are for what
# the corpus and small changes to it find) nothing is compiled a second time.
GUIDED ?= -fuzz .
FUZZERS = $(or $(TMPDIR),/tmp)/careshed-fuzz
FLOOR  ?= 50
fuzz: ## every decoder, for a short while
	@mkdir -p $(FUZZERS); for target in $(FUZZED); do \
		dir=$${target%%:*}; binary=$(FUZZERS)/$$(echo $$dir | tr / -).test; \
		case " $$built " in *" $$dir "*) ;; *) built="$$built $$dir"; go test -c $(GUIDED) -o $$binary ./$$dir || exit 1;; esac; \
		for long in 1 10; do \
			time=$$(echo $(FUZZ) | awk -v k=$$long '{print $$1*k*(/m$$/?60:1) "s"}'); \
			out=$$(cd $$dir && $$binary -test.run '^$$' -test.fuzz "^$${target##*:}$$" -test.fuzztime $$time -test.fuzzminimizetime 20x -test.fuzzcachedir $(FUZZERS)/cache 2>&1) || \
				case "$$out" in *"Failing input"*) echo "$$out"; exit 1;; *"context deadline exceeded"*) ;; *) echo "$$out"; exit 1;; esac; \
			said=$$(echo "$$out" | awk -v floor=$(FLOOR) '/ execs: /{s=0; k=split($$3,t,/[hms,]+/); for(i=1;i<k;i++) s=s*60+t[i]; n=$$5} END{printf "%d executions, %.0f a second", n, n/(s>0?s:1); exit n<floor}') && { echo "$$target: $$said"; break; }; \
			test $$long = 1 || { echo "$$target: $$said; a target makes $(FLOOR) at least"; exit 1; }; \
		done; \
	done

# Other programs that results are compared with (docs/peers.md); R and GLPK come with the tools.
PEERS ?= $(or $(TMPDIR),/tmp)/careshed-peers
export CARESHED_PEERS ?= $(PEERS)
PEERPACKAGES = highs@1.8.0 simple-statistics@7.8.8
peers: tools ## compare with them alone
	go test ./access ./access/site -run Against -count=1 -v

# Valhalla comes as a binary in an npm package; it is kept in VALHALLA.
VALHALLA ?= $(or $(TMPDIR),/tmp)/careshed-valhalla
valhalla: ## compare road times with Valhalla itself, on real roads
	npm install --silent --prefix $(VALHALLA) @valhallajs/valhallajs@3.6.1
	CARESHED_VALHALLA=$(VALHALLA) go test ./geo/road/osm -run 'OfValhalla|AgainstValhalla' -timeout 2h -count=1 -v

# Readers of files that come from npm.
READERS ?= $(or $(TMPDIR),/tmp)/careshed-readers
READERPACKAGES = @duckdb/node-api@1.5.6-r.1 hyparquet@1.33.0 hyparquet-compressors@1.1.2 gdal3.js@2.8.1 mapshaper@0.7.70 @tmcw/togeojson@7.1.3 @xmldom/xmldom@0.9.12
export CARESHED_NODE ?= $(READERS)
readers: tools ## other people's programs read what we write, cell by cell
	go test ./data -run 'TestOthersReadWhatWeWrite|TestParquetOfDuckDB' -count=1 -v

kills: ## 224 SIGKILLs, at random moments, of seven commands and of a server
	CARESHED_KILLS=28 go test ./cmd/careshed -run 'TestKilledCommands|TestKilledServerAtAnyMoment' -count=1 -timeout 5h -v

fleet-kills: ## 204 SIGKILLs, at random moments, of workers, clients and the database of a fleet
	CARESHED_KILLS=34 go test ./cmd/careshed -run TestKilledFleet -count=1 -timeout 2h -v

load: ## 200 clients for a minute on this machine: no error, flat memory
	go test ./cmd/careshed -run 'TestLoad$$' -v -load 60s

SOAK ?= 1h
soak: ## days of mixed work in an hour (SOAK=2h): memory, files and goroutines stay as they are
	go test ./cmd/careshed -run 'TestSoak$$' -v -soak $(SOAK) -timeout 24h

bench: ## speed and memory; real layers where they are at hand
	go test -run '^$$' -bench . -benchmem ./...

golden: ## renew the goldens
	go test ./... -update

docs: build ## remake the pictures of README and docs
	bin/careshed map docs/maps/italy.yaml --overwrite -o docs/img/italy.svg
	bin/careshed map docs/maps/us.yaml --overwrite -o docs/img/us.svg
	cd $(WEB) && node test/pictures.mjs ../../docs/img
	bin/careshed report IT --format pdf -q -o $(or $(TMPDIR),/tmp)/careshed-docs
	pdftoppm -r 80 -png -singlefile $(or $(TMPDIR),/tmp)/careshed-docs/IT-16.pdf docs/img/sheet
