package api

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/url"
	"strings"
)

// holder marks the context of whoever gives the key of the server, or another of an
// admin, and of the work that is done for them.
type holder struct{}

// asHolder is a context of the holder of the key.
func asHolder(ctx context.Context) context.Context { return context.WithValue(ctx, holder{}, true) }

// holdsKey reports whether something is asked by the holder of the key, or for them.
func holdsKey(ctx context.Context) bool { return ctx.Value(holder{}) != nil }

// byKey marks the context of whoever gives another key, and of the work that is done for them.
type byKey struct{}

// asked is a context of what somebody asks, or of the work that is done for them.
func (to sender) asked(ctx context.Context) context.Context {
	switch {
	case to.private && to.owner == "":
		return asHolder(ctx)
	case to.private:
		return context.WithValue(ctx, byKey{}, to.owner)
	}
	return ctx
}

// sender is who sent a study, as far as that says who is told of it: whoever knows its id
// where it is not private, else the admins and the owner.
type sender struct {
	private bool
	owner   string // the name of a key that is no admin's
}

// senderOf is who asks.
func senderOf(ctx context.Context) sender {
	owner, _ := ctx.Value(byKey{}).(string)
	return sender{holdsKey(ctx) || owner != "", owner}
}

// tells reports whether whoever asks is told of what somebody sent.
func (to sender) tells(ctx context.Context) bool {
	return !to.private || holdsKey(ctx) || to.owner != "" && to.owner == senderOf(ctx).owner
}

// isKey reports whether a key is that of the server.
func (s *Server) isKey(key string) bool {
	mine := cmp.Or(s.config.Key, s.config.Page)
	return mine != "" && subtle.ConstantTimeCompare([]byte(key), []byte(mine)) == 1
}

// lists reports whether what others sent is listed: on a server without a key, which is
// somebody's own, to everybody, else to the holder of the key. Whoever knows the id of a
// study that was sent without a key has it all the same.
func (s *Server) lists(ctx context.Context) bool {
	return s.config.Key == "" && s.config.Keys == nil || holdsKey(ctx)
}

// secrets are the names of parameters whose values no log is told.
var secrets = []string{"key", "apikey", "api_key", "api-key", "x-api-key", "token", "access_token", "authorization", "password", "secret"}

// withoutSecrets is a query as the log may have it.
func withoutSecrets(query string) string {
	parts := strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == ';' })
	hidden := false
	for i, part := range parts {
		name, _, _ := strings.Cut(part, "=")
		plain, err := url.QueryUnescape(name)
		if err != nil {
			plain = name
		}
		for _, s := range secrets {
			if strings.EqualFold(strings.TrimSpace(plain), s) {
				parts[i], hidden = s+"=…", true
			}
		}
	}
	if !hidden {
		return query
	}
	return strings.Join(parts, "&")
}
