// Package keys holds the keys of a service: who has one, what each may do, and of each
// key no more than a sum. It reads and writes no file; whoever keeps the text of a ring
// keeps it from others.
package keys

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Role is what somebody may do; each may what those before it may.
type Role int

// The roles.
const (
	None  Role = iota
	Read       // look at what everybody may see
	Run        // send studies, and end them
	Write      // send layers, and take them away
	Admin      // see what others sent, and what is private
)

var roles = [...]string{"none", "read", "run", "write", "admin"}

func (r Role) String() string { return roles[r] }

// RoleOf is the role of a name.
func RoleOf(name string) (Role, error) {
	if r := slices.Index(roles[:], name); r >= 0 {
		return Role(r), nil
	}
	return None, fmt.Errorf("role %q; accepted: %s", name, strings.Join(roles[1:], ", "))
}

// Key is a key without its secret. Keys are made here, of 130 random bits, which nobody
// guesses however fast the sum is: a slow one would make every request slow instead.
type Key struct {
	Name    string     `json:"name"`
	Role    string     `json:"role"`
	SHA256  string     `json:"sha256"`
	Created time.Time  `json:"created"`
	Revoked *time.Time `json:"revoked,omitempty"`
}

// Ring is keys, the oldest first. A name stands once, revoked or not, so that a log that
// names it means one key.
type Ring struct {
	Keys []Key `json:"keys"`
}

// mark begins every key, so that one is known for a key wherever it is found.
const mark = "careshed_"

// most bounds the keys of a ring: each request is compared with all of them.
const most = 1000

// Parse reads the text of a ring.
func Parse(text []byte) (Ring, error) {
	var r Ring
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("is no list of keys: %w", err)
	}
	if len(r.Keys) > most {
		return r, fmt.Errorf("holds %d keys; accepted: %d", len(r.Keys), most)
	}
	seen := map[string]bool{}
	for i, k := range r.Keys {
		sum, err := hex.DecodeString(k.SHA256)
		if _, unknown := RoleOf(k.Role); unknown != nil || k.Role == "none" {
			return r, fmt.Errorf("key %d (%q): %w", i+1, k.Name, errors.Join(unknown, errors.New("accepted: a role")))
		}
		if err != nil || len(sum) != sha256.Size || checkName(k.Name) != nil || seen[k.Name] {
			return r, fmt.Errorf("key %d (%q) has no sum, no name, or that of another one; accepted: a list that careshed keys has written", i+1, k.Name)
		}
		seen[k.Name] = true
	}
	return r, nil
}

// Text is what Parse reads.
func (r Ring) Text() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	return append(text, '\n'), err
}

func checkName(name string) error {
	plain := len(name) > 0 && len(name) <= 64
	for _, c := range []byte(name) {
		plain = plain && (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !plain {
		return fmt.Errorf("name %q; accepted: up to 64 letters of a to z, digits, hyphens, points", name)
	}
	return nil
}

// Create adds a key and gives its secret, which is kept nowhere.
func (r *Ring) Create(name string, role Role, now time.Time) (secret string, err error) {
	if err := checkName(name); err != nil {
		return "", err
	}
	if role == None {
		return "", fmt.Errorf("role none; accepted: %s", strings.Join(roles[1:], ", "))
	}
	if slices.ContainsFunc(r.Keys, func(k Key) bool { return k.Name == name }) {
		return "", fmt.Errorf("there is, or was, a key called %q; accepted: another name", name)
	}
	if len(r.Keys) >= most {
		return "", fmt.Errorf("there are %d keys already, and more are not taken", most)
	}
	secret = mark + rand.Text()
	r.Keys = append(r.Keys, Key{Name: name, Role: role.String(), SHA256: sumOf(secret), Created: now.UTC().Truncate(time.Second)})
	return secret, nil
}

// Revoke ends a key.
func (r *Ring) Revoke(name string, now time.Time) error {
	var known []string
	for i, k := range r.Keys {
		if k.Name == name && k.Revoked == nil {
			at := now.UTC().Truncate(time.Second)
			r.Keys[i].Revoked = &at
			return nil
		}
		if k.Revoked == nil {
			known = append(known, k.Name)
		}
	}
	return fmt.Errorf("no key in use is called %q; there are: %s", name, strings.Join(known, ", "))
}

// Find is whose key a secret is. It takes as long for every secret.
func (r Ring) Find(secret string) (name string, role Role) {
	sum := []byte(sumOf(secret))
	for _, k := range r.Keys {
		if subtle.ConstantTimeCompare([]byte(k.SHA256), sum) == 1 && k.Revoked == nil {
			name = k.Name
			role, _ = RoleOf(k.Role) // Parse has looked
		}
	}
	return name, role
}

func sumOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
