package osrm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest is the most that a service may ask us to wait.
const longest = 30 * time.Second

// refusal is an answer that is not 200.
type refusal struct {
	status int
	body   []byte
	after  time.Duration // to wait, if the service says so
}

func (r *refusal) Error() string {
	text := r.body
	if len(text) > 200 {
		text = text[:200]
	}
	return fmt.Sprintf("status %d: %s", r.status, bytes.ToValidUTF8(bytes.TrimSpace(text), nil))
}

// passing says whether the same request may succeed later.
func (r *refusal) passing() bool {
	return r.status >= 500 && r.status != http.StatusNotImplemented || r.status == http.StatusTooManyRequests
}

// call sends a request, again where it failed for a moment, and decodes the
// answer, of which it reads no more than most bytes.
func (c *Config) call(ctx context.Context, method, url string, body []byte, most int64, into any) error {
	pause := c.Pause
	for try := 1; ; try++ {
		err := c.once(ctx, method, url, body, most, into)
		var r *refusal
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &r) && !r.passing():
			return err
		case errors.Is(err, errAnswer):
			return err
		case try >= c.Tries:
			return fmt.Errorf("after %d tries: %w", try, err)
		}
		wait := pause
		if r != nil && r.after > 0 {
			wait = min(r.after, longest)
		}
		pause *= 2
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// errAnswer is an answer that makes no sense; asking again would not help.
var errAnswer = errors.New("the answer cannot be read")

func (c *Config) once(ctx context.Context, method, url string, body []byte, most int64, into any) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Key != "" {
		req.Header.Set("Authorization", c.Key)
	}
	resp, err := c.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		r := &refusal{status: resp.StatusCode, body: data}
		if s, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && s > 0 {
			r.after = time.Duration(min(s, 3600)) * time.Second
		}
		return r
	}
	if int64(len(data)) > most {
		return fmt.Errorf("%w: more than %d bytes", errAnswer, most)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return unread(err)
	}
	return nil
}

// unread says why an answer cannot be read, in words for people.
func unread(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%w: it is not JSON, from byte %d on", errAnswer, syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%w: its member %s has a JSON %s where something else is due; is it a service of that kind?", errAnswer, kind.Field, kind.Value)
	case errors.As(err, &kind):
		return fmt.Errorf("%w: it has a JSON %s where something else is due; is it a service of that kind?", errAnswer, kind.Value)
	}
	if text := err.Error(); strings.HasPrefix(text, "its ") { // of ours
		return fmt.Errorf("%w: %s", errAnswer, text)
	}
	return fmt.Errorf("%w: it is not JSON", errAnswer)
}

// room is the most bytes that an answer of so many pairs and stops takes.
func room(pairs, stops int) int64 { return 1<<16 + 512*int64(pairs) + 1024*int64(stops) }
