package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

const (
	consoleSecret   = "sandbox-console-secret-0123456789"
	consoleUser     = "sandy"
	consolePassword = "sandbox-desk"
)

// console is where people decide on web pages; it runs where the sandbox stays up.
type console struct {
	address string // empty with -once
	child   *child
}

func newConsole(o options) console {
	if o.once {
		return console{}
	}
	return console{address: "127.0.0.1:" + o.port("8090")}
}

func (c console) url() string { return "http://" + c.address }

// links are a setting of the workers: alerts lead to the console.
func (c console) links() []string {
	if c.address == "" {
		return nil
	}
	return []string{"CONSOLE_URL=" + c.url(), "CONSOLE_SECRET=" + consoleSecret}
}

// startConsole starts it with one user, who may do everything.
func (w *world) startConsole(ctx context.Context) error {
	if w.console.address == "" {
		return nil
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(consolePassword), bcrypt.MinCost)
	if err != nil {
		return fmt.Errorf("hashing the console's password: %w", err)
	}
	users := filepath.Join(w.dir, "console_users")
	if err := os.WriteFile(users, []byte(consoleUser+":operator:"+string(hash)+"\n"), 0o600); err != nil {
		return fmt.Errorf("writing the console's users: %w", err)
	}
	settings := append(w.console.links(), w.codec.payloadKeys()...)
	settings = append(settings, "TEMPORAL_ADDRESS="+w.at.Address, "TEMPORAL_NAMESPACE="+w.at.Namespace, "STORE="+store,
		"LISTEN="+w.console.address, "CONSOLE_USERS_FILE="+users, "LOG_FORMAT=json")
	if strings.HasPrefix(w.at.UI, "http") {
		settings = append(settings, "CONSOLE_TEMPORAL_UI="+w.at.UI)
	}
	w.console.child = &child{name: "the console", path: filepath.Join(w.bin, "console"), env: settings}
	if err := w.launch(w.console.child, nil); err != nil {
		return err
	}
	if err := w.awaitService(ctx, w.console.child, w.console.address); err != nil {
		return err
	}
	w.say(fmt.Sprintf("console %s: held and parked orders; sign in as %s, password %s", w.console.url(), consoleUser, consolePassword))
	return nil
}
