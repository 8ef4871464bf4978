package finding

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"careshed/access/study/spec"
	"careshed/geo"
)

// Unpack is the result that Pack wrote; parse reads its spec.
func Unpack(data []byte, parse func(io.Reader) (spec.Spec, error)) (*Result, error) {
	if len(data) < sha256.Size || sha256.Sum256(data[sha256.Size:]) != [sha256.Size]byte(data[:sha256.Size]) {
		return nil, errors.New("kept result: the check sum is wrong")
	}
	z, err := gzip.NewReader(bytes.NewReader(data[sha256.Size:]))
	if err != nil {
		return nil, fmt.Errorf("kept result: %w", err)
	}
	var p packed
	if err := gob.NewDecoder(z).Decode(&p); err != nil {
		return nil, fmt.Errorf("kept result: %w", err)
	}
	r := &Result{}
	if r.Spec, err = parse(bytes.NewReader(p.Spec)); err != nil {
		return nil, fmt.Errorf("kept result: %w", err)
	}
	if err := json.Unmarshal(p.Summary, &r.Summary); err != nil {
		return nil, fmt.Errorf("kept result: %w", err)
	}
	if err := json.Unmarshal(p.Manifest, &r.Manifest); err != nil {
		return nil, fmt.Errorf("kept result: %w", err)
	}
	for _, list := range []struct {
		from [][]byte
		to   *[]*geo.Layer
	}{{p.Layers, &r.Layers}, {p.Tables, &r.Tables}} {
		for _, b := range list.from {
			l, err := geo.UnmarshalLayer(b)
			if err != nil {
				return nil, fmt.Errorf("kept result: %w", err)
			}
			*list.to = append(*list.to, l)
		}
	}
	return r, nil
}

// packed is a result as it is kept.
type packed struct {
	Spec, Summary, Manifest []byte
	Layers, Tables          [][]byte
}

// Pack writes a result whole, to be kept by the same version of this program: a
// check sum, then a compressed body.
func (r *Result) Pack() ([]byte, error) {
	p := packed{Spec: r.Spec.Text()}
	var err error
	if p.Summary, err = json.Marshal(r.Summary); err != nil {
		return nil, err
	}
	if p.Manifest, err = json.Marshal(r.Manifest); err != nil {
		return nil, err
	}
	for _, list := range []struct {
		from []*geo.Layer
		to   *[][]byte
	}{{r.Layers, &p.Layers}, {r.Tables, &p.Tables}} {
		for _, l := range list.from {
			b, err := l.MarshalBinary()
			if err != nil {
				return nil, err
			}
			*list.to = append(*list.to, b)
		}
	}
	var body bytes.Buffer
	z, err := gzip.NewWriterLevel(&body, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := gob.NewEncoder(z).Encode(p); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body.Bytes())
	return append(sum[:], body.Bytes()...), nil
}
