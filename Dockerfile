# A static binary that serves the atlas, not as root.
FROM node:22-bookworm AS web
WORKDIR /src/api/web
COPY api/web/package.json api/web/package-lock.json api/web/.npmrc ./
RUN npm ci
COPY api/words /src/api/words
COPY api/web ./
RUN npm run build

# The release that go.mod names (toolchain): older ones have faults that reach this program.
FROM golang:1.26.10-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/api/web/dist ./api/web/dist
ARG VERSION=dev
RUN CGO_ENABLED=0 GOGC=off GOMEMLIMIT=900MiB go build -trimpath -tags nomsgpack -gcflags=all=-dwarf=false -ldflags "-s -w -X main.version=${VERSION}" -o /careshed ./cmd/careshed
# Where uploads are read, and where jobs and results may be kept (--state /state/jobs.sqlite).
RUN mkdir -p /empty/tmp /empty/state

FROM scratch
COPY --from=build /careshed /careshed
COPY --from=build --chown=65534:65534 /empty/ /
COPY LICENSE NOTICE /
USER 65534:65534
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["/careshed", "health", "--addr", "127.0.0.1:8080"]
ENTRYPOINT ["/careshed"]
CMD ["serve", "--addr", "0.0.0.0:8080"]
