package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"careshed/api"
)

// guard sets who may ask, and who writes down what they did.
func (o serving) guard(c *api.Config) error {
	if o.keys != "" {
		file, err := openKeys(o.keys, c.Log)
		if err != nil {
			return err
		}
		c.Keys = file.find
	}
	if c.Closed = o.closed; c.Closed && c.Keys == nil && c.Key == "" {
		return usageError{errors.New("--closed without a key: nobody could ask anything; accepted: --keys FILE, or CARESHED_KEY")}
	}
	if o.audit != "" {
		log, err := openAudit(o.audit, c.Log)
		if err != nil {
			return err
		}
		c.Audit = log.write
	}
	return nil
}

// tls is how connections are secured, nil if they are not.
func (o serving) tls(log *slog.Logger) (*tls.Config, error) {
	if o.tlsCert == "" && o.tlsKey == "" {
		return nil, nil
	}
	if o.tlsCert == "" || o.tlsKey == "" {
		return nil, usageError{errors.New("only one of --tls-cert and --tls-key is given; accepted: both or none")}
	}
	p := &pair{cert: o.tlsCert, key: o.tlsKey, log: log}
	if err := p.read(); err != nil {
		return nil, inputError{fmt.Errorf("--tls-cert %s, --tls-key %s: %w", o.tlsCert, o.tlsKey, plainPath(err))}
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: p.get}, nil
}

// pair is a certificate and its key, read again when the certificate changes.
type pair struct {
	cert, key string
	log       *slog.Logger

	mu     sync.Mutex
	looked time.Time
	of     time.Time // when the file was written
	loaded *tls.Certificate
}

func (p *pair) read() error {
	info, err := os.Stat(p.cert)
	if err != nil {
		return err
	}
	loaded, err := tls.LoadX509KeyPair(p.cert, p.key)
	if err != nil {
		return err
	}
	p.loaded, p.of, p.looked = &loaded, info.ModTime(), time.Now()
	return nil
}

// get is the certificate; one that cannot be read leaves that of before.
func (p *pair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.looked) > 10*time.Second {
		p.looked = time.Now()
		if info, err := os.Stat(p.cert); err == nil && !info.ModTime().Equal(p.of) {
			if err := p.read(); err != nil {
				p.log.Error("the certificate cannot be read; that of before goes on", "error", err.Error())
			}
		}
	}
	return p.loaded, nil
}
