package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// acceptS3 is how a bucket is named.
const acceptS3 = "s3://BUCKET/PREFIX, with ?endpoint=https://HOST, region=NAME and path-style=true where they are needed"

// retries is how often a request is tried that a store answers with 500, 503 or not at all.
const retries = 6

// bucket is a store in a bucket of an object store: PREFIX/ab/abcd….
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// openS3 opens a bucket. Who may use it stands in the environment alone:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
func openS3(u *url.URL) (Store, error) {
	q := u.Query()
	for k := range q {
		if k != "endpoint" && k != "region" && k != "path-style" {
			return nil, fmt.Errorf("store: %q is no setting of a bucket; accepted: %s", k, acceptS3)
		}
	}
	endpoint := q.Get("endpoint")
	if endpoint == "" {
		endpoint = "https://s3.amazonaws.com"
	}
	at, err := url.Parse(endpoint)
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" || u.Host == "" || u.User != nil {
		return nil, fmt.Errorf("store: the bucket or its endpoint cannot be read; accepted: %s", acceptS3)
	}
	o := &minio.Options{Creds: credentials.NewEnvAWS(), Secure: at.Scheme == "https", Region: q.Get("region"), MaxRetries: retries}
	if o.Region == "" {
		o.Region = os.Getenv("AWS_REGION")
	}
	switch q.Get("path-style") {
	case "", "false":
	case "true":
		o.BucketLookup = minio.BucketLookupPath
	default:
		return nil, fmt.Errorf("store: path-style %q; accepted: true or false", q.Get("path-style"))
	}
	client, err := minio.New(at.Host, o)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return &bucket{client, u.Host, strings.Trim(u.Path, "/")}, nil
}

func (b *bucket) object(key string) string { return path.Join(b.prefix, key[:2], key) }

// Has asks for the head of the object.
func (b *bucket) Has(ctx context.Context, key string) (bool, error) {
	if err := named(key); err != nil {
		return false, err
	}
	_, err := b.client.StatObject(ctx, b.name, b.object(key), minio.StatObjectOptions{})
	if absent(err) {
		return false, nil
	}
	return err == nil, err
}

// absent reports whether a store answered that there is no such object: a bucket that
// is not there is another fault.
func absent(err error) bool {
	answer := minio.ToErrorResponse(err)
	return err != nil && answer.StatusCode == http.StatusNotFound && answer.Code != minio.NoSuchBucket
}

// Put sends the bytes, large ones in parts.
func (b *bucket) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if there, err := b.Has(ctx, key); there || err != nil {
		return err
	}
	sent := &sending{r: r, h: sha256.New(), key: key, left: size}
	var body io.Reader = sent
	if at, ok := r.(io.Seeker); ok {
		body = again{sent, at, size}
	}
	// The name is the sum, which every reader looks at: the request need not sign it too.
	o := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true}
	_, err := b.client.PutObject(ctx, b.name, b.object(key), body, size, o)
	return err
}

// Write sends what was written into a temporary file.
func (b *bucket) Write(ctx context.Context, write func(io.Writer) error) (key string, err error) {
	f, err := os.CreateTemp("", "careshed-object-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	h := sha256.New()
	if err := write(io.MultiWriter(f, h)); err != nil {
		return "", err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", err
	}
	key = hex.EncodeToString(h.Sum(nil))
	return key, b.Put(ctx, key, f, size)
}

// sending is what is sent: its last bytes are an error in place of them if all have
// another sum than the key, so that the object never comes to be.
type sending struct {
	r    io.Reader
	h    hash.Hash
	key  string
	left int64
}

func (s *sending) Read(p []byte) (int, error) {
	if s.left <= 0 {
		return 0, io.EOF
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.left)])
	s.h.Write(p[:n])
	if s.left -= int64(n); s.left == 0 && hex.EncodeToString(s.h.Sum(nil)) != s.key || err == io.EOF && s.left > 0 {
		return 0, fmt.Errorf("what was to be kept as %s is not of that sum", s.key)
	}
	return n, err
}

// again is sending that can begin once more.
type again struct {
	*sending
	at   io.Seeker
	size int64
}

func (a again) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekStart {
		return 0, errors.New("only from the beginning")
	}
	a.h.Reset()
	a.left = a.size
	return a.at.Seek(0, io.SeekStart)
}

// Get opens the object.
func (b *bucket) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	there, err := b.Has(ctx, key)
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, fmt.Errorf("%s %w", key, ErrNone)
	}
	o, err := b.client.GetObject(ctx, b.name, b.object(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, err
	}
	return &summed{o, sha256.New(), key}, nil
}
