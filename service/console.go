package service

import (
	"errors"
	"fmt"
)

// Console says where the console is found, and signs for it: the console itself
// needs it, and whoever makes links to it.
type Console struct {
	URL    string `envconfig:"CONSOLE_URL" desc:"public root of the console, such as https://desk.example.com"`
	Secret string `envconfig:"CONSOLE_SECRET" desc:"signs the console's sessions and the links in alerts, at least 32 characters; the same wherever it is set (secret)"`
}

// minConsoleSecret is as many characters as hex of 16 random bytes has.
const minConsoleSecret = 32

// Validate finds what makes no sense. Both may be missing: then there is no console.
func (c Console) Validate() error {
	var secret error
	if c.Secret != "" && len(c.Secret) < minConsoleSecret {
		secret = fmt.Errorf("CONSOLE_SECRET must be at least %d characters long: make one with `openssl rand -hex 32`", minConsoleSecret)
	}
	if c.Secret != "" && c.URL == "" {
		secret = errors.Join(secret, errors.New("CONSOLE_URL must be set where CONSOLE_SECRET is: the links lead there"))
	}
	return errors.Join(secret, webAddress("CONSOLE_URL", c.URL))
}
