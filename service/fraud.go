package service

import (
	"errors"
	"fmt"
)

// Fraud says how orders are screened.
type Fraud struct {
	PolicyFile string `envconfig:"FRAUD_POLICY_FILE" desc:"the fraud policy; the embedded default when empty: score every order, hold none"`
	ModelFile  string `envconfig:"FRAUD_MODEL_FILE" desc:"a model made by fraud/train; rules alone score when empty"`
	Pepper     string `envconfig:"FRAUD_PEPPER" desc:"secret with which e-mails, cards and IPs are hashed for counting, at least 16 characters; made from XCART_KEY when empty; counts begin anew when it changes (secret)"`
	URL        string `envconfig:"FRAUD_URL" desc:"external scorer: it gets every order that is read; none when empty"`
	Token      string `envconfig:"FRAUD_TOKEN" desc:"bearer token for FRAUD_URL (secret)"`
	GeoIPFile  string `envconfig:"FRAUD_GEOIP_FILE" desc:"country database in the MaxMind DB format (.mmdb); countries of IP addresses are not looked at when empty"`
}

// minPepper is as many characters as base64 of 12 random bytes has.
const minPepper = 16

// Validate finds what makes no sense. All may be missing.
func (f Fraud) Validate() error {
	var pepper, token error
	if f.Pepper != "" && len(f.Pepper) < minPepper {
		pepper = fmt.Errorf("FRAUD_PEPPER must be at least %d characters long: make one with `openssl rand -hex 32`", minPepper)
	}
	if f.Token != "" && f.URL == "" {
		token = errors.New("FRAUD_URL must be set where FRAUD_TOKEN is: that is who gets it")
	}
	return errors.Join(pepper, token, webAddress("FRAUD_URL", f.URL))
}
