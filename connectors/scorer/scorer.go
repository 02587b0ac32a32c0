// Package scorer asks a fraud scorer of the merchant's own, or a service behind
// an adapter: an order as JSON out, a score as JSON in. docs/fraud.md is its
// contract. Knows nothing of Temporal.
package scorer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/cart21/cart21/commerce"
	"github.com/cart21/cart21/connectors"
)

// Timeout is how long an order waits for the answer.
const Timeout = 2 * time.Second

// maxSentence bounds what a scorer may say to a reviewer, in bytes.
const maxSentence = 300

// Config says which scorer.
type Config struct {
	URL   string
	Token string // sent as Authorization: Bearer; none when empty
	// Limits but the time-out, which is [Timeout].
	Limits connectors.Limits
}

// Order is what a scorer is told: personal data among it.
type Order struct {
	Reference string             `json:"reference"`
	Order     commerce.Order     `json:"order"`
	Screening commerce.Screening `json:"screening"`
	Features  map[string]float64 `json:"features"`
	Score     float64            `json:"score"`   // our own, in percent
	Outcome   string             `json:"outcome"` // likewise: accept, review, reject
}

// Answer is what a scorer says.
type Answer struct {
	Score    float64 // risk of a charge-back in percent, 0.01 to 99
	Sentence string  // for the reviewer; it goes into histories, so nothing personal
}

// Client asks one scorer. It is safe for concurrent use.
type Client struct {
	url    string
	header http.Header
	client *connectors.Client
}

// New makes a client.
func New(c Config, logger *slog.Logger) (*Client, error) {
	c.Limits.Timeout, c.Limits.MaxBody = Timeout, 64<<10
	client, err := connectors.NewClient("the fraud scorer", c.Limits, logger)
	if err != nil {
		return nil, err
	}
	client.Conceal(c.Token)
	header := http.Header{"Content-Type": {"application/json"}, "Accept": {"application/json"}}
	if c.Token != "" {
		header.Set("Authorization", "Bearer "+c.Token)
	}
	return &Client{url: c.URL, header: header, client: client}, nil
}

// Score asks once. The error is a *[connectors.Error].
func (c *Client) Score(ctx context.Context, o Order) (Answer, error) {
	const operation = "score an order"
	ctx, cancel := context.WithTimeout(ctx, Timeout) // a free slot is waited for no longer
	defer cancel()
	body, err := json.Marshal(o)
	if err != nil {
		return Answer{}, c.client.Fail(connectors.Malformed, operation, "the order cannot be written down", nil)
	}
	resp, err := c.client.Do(ctx, connectors.Request{
		Operation: operation, Method: http.MethodPost, URL: c.url, Header: c.header, Body: body,
		Write: true, // not asked again: the order waits
	})
	if err != nil {
		return Answer{}, err
	}
	switch {
	case resp.Status == http.StatusUnauthorized || resp.Status == http.StatusForbidden:
		return Answer{}, c.client.Fail(connectors.Unauthorised, operation, "it refuses FRAUD_TOKEN", nil)
	case resp.Status != http.StatusOK:
		return Answer{}, c.client.Fail(connectors.Rejected, operation, fmt.Sprintf("it answered HTTP %d", resp.Status), nil)
	}
	answer, err := read(resp.Body)
	if err != nil {
		return Answer{}, c.client.Fail(connectors.Malformed, operation, err.Error(), nil)
	}
	return answer, nil
}

func read(body []byte) (Answer, error) {
	var answer struct {
		Score  *float64 `json:"score"`
		Reason string   `json:"reason"`
	}
	if json.Unmarshal(body, &answer) != nil || answer.Score == nil || !(*answer.Score >= 0 && *answer.Score <= 100) {
		return Answer{}, errors.New(`its answer is not {"score": 0 to 100, "reason": "..."}`)
	}
	return Answer{Score: min(max(*answer.Score, 0.01), 99), Sentence: sentence(answer.Reason)}, nil
}

// sentence makes what a scorer says fit for one line.
func sentence(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(s) > maxSentence {
		s = strings.ToValidUTF8(s[:maxSentence], "") + "..."
	}
	return s
}
