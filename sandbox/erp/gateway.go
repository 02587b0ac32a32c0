package erp

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Gateway is the other front door: a gateway that some installations put
// before the middleware, over the same books. The package comment has its
// contract.
func (e *ERP) Gateway() http.Handler {
	root := http.NewServeMux()
	root.HandleFunc("POST /api/v1/token", e.gatewayToken)

	mux := http.NewServeMux()
	mux.Handle("POST /api/v1/SalesOrder", e.writes(e.gatewayCreateOrder))
	mux.Handle("GET /api/v1/SalesOrder", e.reads(e.gatewayOrders))
	mux.Handle("PUT /api/v1/SalesOrder", e.writes(e.gatewayUpdateOrder))
	mux.Handle("GET /api/v1/ItemMaster", e.reads(e.gatewayItems))
	mux.Handle("PUT /api/v1/ItemMaster", e.writes(e.gatewayUpdateItem))
	mux.Handle("GET /api/v1/CustomerMaster", e.reads(e.gatewayCustomers))
	mux.Handle("POST /api/v1/CustomerMaster", e.writes(e.gatewayCreateCustomer))
	mux.Handle("PUT /api/v1/CustomerMaster", e.writes(e.gatewayUpdateCustomer))
	mux.Handle("POST /api/v1/GeneralLedger/JournalEntry", e.writes(e.gatewayJournal))
	mux.Handle("GET /api/v1/GeneralLedger/JournalEntry", e.reads(e.gatewayJournals))
	mux.Handle("GET /api/v1/Shipment", e.reads(e.gatewayShipments))
	mux.Handle("PUT /api/v1/Shipment", e.writes(e.gatewayUpdateShipment))
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		gatewayError(w, http.StatusNotFound)
	})
	root.Handle("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !e.signedIn(r) {
			gatewayError(w, http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return e.withFaults(root, gatewayError)
}

func (e *ERP) gatewayToken(w http.ResponseWriter, r *http.Request) {
	var ask struct{ Username, Password, ClientSecret string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&ask); err != nil {
		gatewayError(w, http.StatusBadRequest)
		return
	}
	if !e.knowsUser(ask.Username, ask.Password) && !e.knowsSecret(ask.ClientSecret) {
		gatewayError(w, http.StatusUnauthorized)
		return
	}
	life := e.options.TokenLifetime
	token, _ := e.tokens.issue(ask.Username, e.options.Now(), life, e.options.OneToken)
	writeJSON(w, http.StatusOK, map[string]any{"token": token, "expiresIn": int64(life / time.Second)})
}

// gatewayError is a fault at the gateway's door. Status zero is the
// contaminated session behind it, which passes.
func gatewayError(w http.ResponseWriter, status int) {
	setDefault(&status, http.StatusServiceUnavailable)
	gatewayReply(status, http.StatusText(status)).encoded().write(w)
}

var gatewayCodes = map[int]string{
	http.StatusBadRequest: "validation", http.StatusUnauthorized: "unauthorized", http.StatusNotFound: "not_found",
	http.StatusConflict: "conflict", http.StatusUnprocessableEntity: "business_rule", http.StatusTooManyRequests: "rate_limited",
	http.StatusServiceUnavailable: "unavailable",
}

func gatewayReply(status int, message string) reply {
	code, known := gatewayCodes[status]
	if !known {
		code = "internal"
	}
	retryable := status == http.StatusTooManyRequests || status >= 500
	return reply{status: status, body: map[string]any{"error": map[string]any{"code": code, "message": message, "retryable": retryable}}}
}

// conflictError is about a state that does not allow a change any more.
type conflictError string

func (e conflictError) Error() string { return string(e) }

func gatewayRefused(err error) reply {
	var rule ruleError
	var missing missingError
	var conflict conflictError
	switch {
	case errors.As(err, &rule):
		return gatewayReply(http.StatusUnprocessableEntity, err.Error())
	case errors.As(err, &missing):
		return gatewayReply(http.StatusNotFound, err.Error())
	case errors.As(err, &conflict):
		return gatewayReply(http.StatusConflict, err.Error())
	default:
		return gatewayReply(http.StatusBadRequest, err.Error())
	}
}

// readStrict decodes a body; the gateway refuses fields it does not know.
func readStrict(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// amount is a decimal that travels as a JSON number.
type amount struct{ decimal.Decimal }

func (a amount) MarshalJSON() ([]byte, error) { return []byte(a.String()), nil }

func (a *amount) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	d, err := parseDecimal(string(text)) // a string, quotes and all, is no number
	a.Decimal = d
	return err
}

// page is a list with the cursor of the next one.
type page struct {
	Items []any  `json:"items"`
	Next  string `json:"next,omitempty"`
}

// gatewayPage sorts by modification, oldest first, and cuts after a cursor.
// The cursor is "<modified>|<key>".
func gatewayPage(r *http.Request, rows []any, stamp func(any) time.Time, key func(any) string, document func(any) any) (page, error) {
	q := r.URL.Query()
	limit := 100
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return page{}, errors.New("limit must be between 1 and 1000")
		}
		limit = n
	}
	cursor := func(row any) string { return stamp(row).UTC().Format("2006-01-02T15:04:05.000Z") + "|" + key(row) }
	after := q.Get("after")
	if after != "" && !strings.Contains(after, "|") {
		return page{}, errors.New("after is not a cursor")
	}
	p := page{Items: []any{}}
	sortBy(rows, cursor)
	last := ""
	for _, row := range rows {
		if c := cursor(row); c > after {
			if len(p.Items) == limit {
				p.Next = last
				break
			}
			p.Items = append(p.Items, document(row))
			last = c
		}
	}
	return p, nil
}

// since reads modifiedSince, an RFC 3339 time.
func since(r *http.Request) (t time.Time, given bool, err error) {
	text := r.URL.Query().Get("modifiedSince")
	if text == "" {
		return time.Time{}, false, nil
	}
	t, err = time.Parse(time.RFC3339Nano, text)
	return t, true, err
}
