package alerts

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
)

// Mail sends messages over SMTP.
type Mail struct {
	host    string
	from    string
	to      []string
	options []mail.Option
	conceal *strings.Replacer
}

// NewMail makes the channel. The address is smtp://[user:password@]host[:587]
// or smtps://...[:465]. Over smtp:// credentials are sent only after STARTTLS;
// without any, STARTTLS is used where it is offered. A password's special
// characters are written as in any URL.
func NewMail(address, from string, to []string) (*Mail, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		// Not repeated: it holds a password.
		return nil, errors.New("the mail server must be smtp://user:password@host:587 or smtps://..., with special characters of the password escaped as in a URL")
	}
	if len(to) == 0 {
		return nil, errors.New("alerts by mail need at least one recipient")
	}
	password, _ := u.User.Password()
	m := &Mail{host: u.Hostname(), from: from, to: to, options: []mail.Option{mail.WithTimeout(15 * time.Second)}}
	policy, port := mail.TLSOpportunistic, 587
	if u.User.Username() != "" {
		policy = mail.TLSMandatory
		m.options = append(m.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	if u.Scheme == "smtps" {
		port = 465
		m.options = append(m.options, mail.WithSSL())
	}
	if p := u.Port(); p != "" {
		if port, err = strconv.Atoi(p); err != nil {
			return nil, errors.New("the mail server's port is no number")
		}
	}
	m.options = append(m.options, mail.WithTLSPolicy(policy), mail.WithPort(port))
	m.conceal = concealing(append([]string{password, u.User.Username(), from}, to...))
	if _, err := m.compose(Message{}); err != nil {
		return nil, err
	}
	if _, err := mail.NewClient(m.host, m.options...); err != nil {
		return nil, fmt.Errorf("setting up alerts by mail: %s", m.conceal.Replace(err.Error()))
	}
	return m, nil
}

// concealing takes what is secret or personal out of a server's answers. A word
// shorter than six letters is no secret, and would make messages unreadable.
func concealing(words []string) *strings.Replacer {
	var pairs []string
	for _, word := range words {
		if len(word) >= 6 {
			pairs = append(pairs, word, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// Name is "mail".
func (m *Mail) Name() string { return "mail" }

// Describe names the server and counts the recipients.
func (m *Mail) Describe() string {
	return fmt.Sprintf("mail over %s to %d address(es)", m.host, len(m.to))
}

// Send sends one mail to all recipients.
func (m *Mail) Send(ctx context.Context, message Message) error {
	composed, err := m.compose(message)
	if err != nil {
		return err
	}
	client, err := mail.NewClient(m.host, m.options...)
	if err == nil {
		err = client.DialAndSendWithContext(ctx, composed)
	}
	if err != nil {
		// The text alone: the server's answer may quote an address.
		return fmt.Errorf("sending alerts by mail over %s (see ALERT_SMTP_URL): %s", m.host, m.conceal.Replace(err.Error()))
	}
	return nil
}

func (m *Mail) compose(message Message) (*mail.Msg, error) {
	composed := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(composed.From(m.from), composed.To(m.to...)); err != nil {
		return nil, errors.New("ALERT_EMAIL_FROM and ALERT_EMAIL_TO must be e-mail addresses, the latter separated by commas")
	}
	composed.Subject(message.Subject())
	composed.SetDate()
	composed.SetMessageID()
	composed.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday replies
	composed.SetBodyString(mail.TypeTextPlain, message.text(plain))
	return composed, nil
}
