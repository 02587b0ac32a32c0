package connectors

import (
	"net/url"
	"regexp"
	"strings"
)

// What a system says in a refusal ends in logs and in Temporal's histories. A
// message may quote the request, and with it a key or a customer.
var (
	credential = regexp.MustCompile(`(?i)\b(bearer\s+|(?:_?key|api[_-]?key|x-auth-token|(?:access_?)?token|password|(?:client_?)?secret)["']?\s*[=:]\s*["']?)[^\s"'&,;<>]+`)
	email      = regexp.MustCompile(`[^\s"'<>(),;:=/]+@[^\s"'<>(),;:=/]+\.[^\s"'<>(),;:=/]+`)
)

// Conceal keeps secrets out of every error that the client makes, as they are
// and as a URL writes them. Call it before the first call.
func (c *Client) Conceal(secrets ...string) {
	for _, s := range secrets {
		// A shorter one is no secret, and would make messages unreadable.
		if len(s) >= 6 {
			c.secrets = append(c.secrets, s, url.QueryEscape(s), url.PathEscape(s))
		}
	}
}

// A message that is longer says nothing more to an operator.
const (
	mostSaid  = 400      // characters of a message that are told
	mostHeard = 16 << 10 // bytes of it that are looked at
)

// redact takes the client's secrets, whatever else looks like a credential, and
// e-mail addresses out of a message, and then shortens it: the other way round a
// secret that the cut goes through would be told in part.
func (c *Client) redact(message string) string {
	if len(message) > mostHeard {
		message = strings.ToValidUTF8(message[:mostHeard], "")
	}
	for _, s := range c.secrets {
		message = strings.ReplaceAll(message, s, "***")
	}
	message = credential.ReplaceAllString(message, "$1***")
	message = email.ReplaceAllString(message, "(an e-mail address)")
	if said := []rune(message); len(said) > mostSaid {
		message = string(said[:mostSaid]) + "..."
	}
	return message
}
