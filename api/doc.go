// Package api answers over HTTP: layers and results of studies as collections
// (OGC API Features), five quick looks at a country, and the carrying out of a
// study that a request brings.
//
// One table of routes feeds the router and the OpenAPI document alike. A
// handler reads its parameters, calls one function and returns a value or an
// error; one writer turns values into JSON, CSV or HTML and errors into
// problem+json (RFC 9457).
//
// The package opens no file: what it serves and how rows are written comes with
// [Config], and a request names layers and studies, never paths.
package api
