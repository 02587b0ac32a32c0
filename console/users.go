package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/term"
)

// role is what a user may do.
type role string

const (
	viewer   role = "viewer"   // reads
	reviewer role = "reviewer" // also decides about fraud holds
	operator role = "operator" // also resolves other parked work
)

var roles = []role{viewer, reviewer, operator}

// may reports whether a role includes another: each does what those before it do.
func (r role) may(needed role) bool {
	return slices.Index(roles, r) >= slices.Index(roles, needed)
}

func parseRole(word string) (role, error) {
	if r := role(word); slices.Contains(roles, r) {
		return r, nil
	}
	return "", fmt.Errorf("role %q is not known: use viewer, reviewer or operator", word)
}

// user is who uses the console.
type user struct {
	Name string
	Role role
	hash string // bcrypt; noPassword for one who comes through the proxy only
}

// noPassword stands where a hash would, for those who cannot sign in here.
const noPassword = "-"

// users are those of the users file, by name.
type users map[string]user

// readUsers reads lines of name:role:hash; empty ones and those that begin with
// # say nothing. Every mistake is reported at once, by line, and quotes no hash.
func readUsers(path string) (users, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading CONSOLE_USERS_FILE: %w", err)
	}
	defer file.Close()
	return parseUsers(file)
}

func parseUsers(r io.Reader) (users, error) {
	all := users{}
	var mistakes []error
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		u, err := parseUser(line)
		if _, twice := all[u.Name]; err == nil && twice {
			err = errors.New("this name is given twice")
		}
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("CONSOLE_USERS_FILE, line %d: %w", n, err))
			continue
		}
		all[u.Name] = u
	}
	if err := lines.Err(); err != nil {
		mistakes = append(mistakes, fmt.Errorf("reading CONSOLE_USERS_FILE: %w", err))
	}
	return all, errors.Join(mistakes...)
}

func parseUser(line string) (user, error) {
	name, rest, _ := strings.Cut(line, ":")
	word, hash, whole := strings.Cut(rest, ":")
	if !whole {
		return user{}, errors.New("it is not name:role:hash: make one with `console -hash name:role`")
	}
	r, err := parseRole(word)
	if err != nil {
		return user{}, err
	}
	if err := validName(name); err != nil {
		return user{}, err
	}
	if _, err := bcrypt.Cost([]byte(hash)); err != nil && hash != noPassword {
		return user{}, errors.New("the third part is no bcrypt hash: make one with `console -hash name:role`, or write - for one who comes through the proxy")
	}
	return user{Name: name, Role: r, hash: hash}, nil
}

// validName keeps what is shown, audited and written into the file apart.
func validName(name string) error {
	if name == "" || len(name) > 100 || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || r == ':' }) {
		return errors.New("a name has 1 to 100 characters, without a colon")
	}
	return nil
}

// dummyHash is compared with when there is no such user, so that the time an
// answer takes does not tell names that exist.
var dummyHash, _ = bcrypt.GenerateFromPassword([]byte("nobody"), bcrypt.DefaultCost)

// authenticate returns the user of that name and password.
func (all users) authenticate(name, password string) (user, bool) {
	u, known := all[name]
	if !known || u.hash == noPassword {
		_ = bcrypt.CompareHashAndPassword(dummyHash, []byte(password))
		return user{}, false
	}
	return u, bcrypt.CompareHashAndPassword([]byte(u.hash), []byte(password)) == nil
}

// minPassword is the least length of a password, in characters.
const minPassword = 10

// printUser asks for a password and prints the line of a user, given as name:role.
func printUser(nameAndRole string) error {
	name, word, _ := strings.Cut(nameAndRole, ":")
	if _, err := parseUser(name + ":" + word + ":" + noPassword); err != nil {
		return fmt.Errorf("give name:role, such as ann:reviewer: %w", err)
	}
	password, err := askPassword(name)
	if err != nil {
		return fmt.Errorf("reading the password: %w", err)
	}
	line, err := userLine(name, role(word), password)
	if err != nil {
		return err
	}
	_, err = fmt.Println(line)
	return err
}

func userLine(name string, r role, password string) (string, error) {
	if len([]rune(password)) < minPassword {
		return "", fmt.Errorf("a password has at least %d characters", minPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
	if err != nil {
		return "", fmt.Errorf("hashing the password: %w", err)
	}
	return name + ":" + string(r) + ":" + string(hash), nil
}

// askPassword reads it unseen from a terminal, or else the first line of stdin.
func askPassword(name string) (string, error) {
	stdin := int(os.Stdin.Fd())
	if term.IsTerminal(stdin) {
		fmt.Fprintf(os.Stderr, "Password of %s: ", name)
		password, err := term.ReadPassword(stdin)
		fmt.Fprintln(os.Stderr)
		return string(password), err
	}
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return strings.TrimRight(line, "\r\n"), err
}
