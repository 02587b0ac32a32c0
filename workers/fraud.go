package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/cart21/cart21/activities"
	"github.com/cart21/cart21/connectors"
	"github.com/cart21/cart21/connectors/scorer"
	"github.com/cart21/cart21/fraud"
	"github.com/cart21/cart21/records"
)

// openScreening reads what orders are screened by. The records are the caller's
// to set.
func openScreening(s settings, observer connectors.Observer, logger *slog.Logger) (*activities.Screening, error) {
	out := &activities.Screening{Policy: fraud.DefaultPolicy(), Pepper: pepper(s), Now: time.Now}
	if s.Fraud.PolicyFile != "" {
		text, err := os.ReadFile(s.Fraud.PolicyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the fraud policy (FRAUD_POLICY_FILE): %w", err)
		}
		if out.Policy, err = fraud.ParsePolicy(s.Fraud.PolicyFile, text); err != nil {
			return nil, err
		}
	}
	if s.Fraud.ModelFile != "" {
		text, err := os.ReadFile(s.Fraud.ModelFile)
		if err != nil {
			return nil, fmt.Errorf("reading the fraud model (FRAUD_MODEL_FILE): %w", err)
		}
		if out.Model, err = fraud.ParseModel(text); err != nil {
			return nil, fmt.Errorf("the fraud model %s: %w; make it anew with fraud/train", s.Fraud.ModelFile, err)
		}
	}
	if s.Fraud.URL != "" {
		var err error
		limits := s.Outages.Bound(connectors.Limits{Concurrency: s.XCart.Concurrency}, observer)
		if out.Scorer, err = scorer.New(scorer.Config{URL: s.Fraud.URL, Token: s.Fraud.Token, Limits: limits}, logger); err != nil {
			return nil, err
		}
	}
	if s.Fraud.GeoIPFile != "" {
		var err error
		if out.Country, err = countries(s.Fraud.GeoIPFile); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// pepper is FRAUD_PEPPER, or else made from the shop's key: that is a secret of
// every installation and not in the records, so that keys stolen with them
// cannot be guessed by trying.
func pepper(s settings) []byte {
	if s.Fraud.Pepper != "" {
		return []byte(s.Fraud.Pepper)
	}
	mac := hmac.New(sha256.New, []byte(s.XCart.Key))
	mac.Write([]byte("cart21 fraud pepper"))
	return mac.Sum(nil)
}

// countries looks up the countries of IP addresses in a file. It is read whole:
// a file that is replaced while it is mapped would end the process.
func countries(path string) (func(ip string) string, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the country database (FRAUD_GEOIP_FILE): %w", err)
	}
	db, err := maxminddb.OpenBytes(content)
	if err != nil {
		return nil, fmt.Errorf("FRAUD_GEOIP_FILE %s is no MaxMind DB file: %w", path, err)
	}
	return func(ip string) string {
		address, err := netip.ParseAddr(strings.TrimSpace(ip))
		if err != nil {
			return ""
		}
		var country string
		found := db.Lookup(address.Unmap())
		if found.DecodePath(&country, "country", "iso_code") != nil {
			return "" // what cannot be read is not known
		}
		return country
	}, nil
}

// describeScreening says how orders are screened.
func describeScreening(a *activities.Screening, s settings) string {
	words := []string{"hold mode: orders are held from a score of " + fmt.Sprint(a.Policy.ReviewFrom)}
	if a.Policy.Mode == fraud.Shadow {
		words[0] = "shadow mode: every order is scored, none held"
	}
	if a.Model == nil {
		words = append(words, "rules only")
	} else {
		words = append(words, "model "+a.Model.Version())
	}
	words = append(words, "policy "+a.Policy.Version())
	if a.Scorer != nil {
		words = append(words, "external scorer at "+hostOf(s.Fraud.URL)+", not asked by this check")
	}
	if a.Country != nil {
		words = append(words, "countries of IP addresses from "+s.Fraud.GeoIPFile)
	}
	return strings.Join(words, "; ")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "FRAUD_URL"
	}
	return cmp.Or(u.Host, "FRAUD_URL")
}

// pruneEvery is how often what velocity no longer counts is forgotten.
const pruneEvery = 6 * time.Hour

// prune keeps forgetting what is too old to be counted, until ctx ends.
func prune(ctx context.Context, store *records.Store, logger *slog.Logger) {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		n, err := store.PruneVelocity(ctx, time.Now().Add(-fraud.Retention))
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			logger.Warn("old orders are still counted among the records; tried again later", "error", err)
		case n > 0:
			logger.Info("forgot what is too old for the fraud screening", "rows", n)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
