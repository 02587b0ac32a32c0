package erp

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/shopspring/decimal"
)

// reply is an answer made while the books are locked and written afterwards,
// so that a slow reader holds nobody up.
type reply struct {
	status int
	body   any // marshalled to JSON, unless raw
	raw    []byte
	kind   string
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

type action func(r *http.Request) reply

// reads runs an action that changes nothing, writes one that may.
func (e *ERP) reads(a action) http.Handler {
	return withBody(func(r *http.Request) reply {
		e.mu.RLock()
		defer e.mu.RUnlock()
		return a(r).encoded()
	})
}

func (e *ERP) writes(a action) http.Handler {
	return withBody(func(r *http.Request) reply {
		e.mu.Lock()
		defer e.mu.Unlock()
		return a(r).encoded()
	})
}

// withBody reads all of a request before the lock is taken.
func withBody(a action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
		if err != nil {
			writeJSON(w, http.StatusBadRequest, envelope(exceptionProphet, "The request body could not be read."))
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		a(r).write(w)
	})
}

// encoded is the reply with its body marshalled: afterwards it refers to no row.
func (r reply) encoded() reply {
	if r.raw == nil {
		r.raw = marshal(r.body)
		r.kind = "application/json; charset=utf-8"
	}
	return r
}

func (r reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", r.kind)
	w.WriteHeader(r.status)
	_, _ = w.Write(r.raw)
}

func marshal(v any) []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // only our own maps and structs come here
	}
	return text.Bytes()
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	reply{status: status, body: v}.encoded().write(w)
}

func writeHTML(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = w.Write([]byte("<!DOCTYPE HTML><HTML><HEAD><TITLE>" + title + "</TITLE></HEAD><BODY><h2>" + title + "</h2></BODY></HTML>"))
}

// money is a decimal as a JSON number.
func money(d decimal.Decimal) json.Number { return json.Number(d.String()) }

const (
	exceptionNotFound = "P21.Common.Exceptions.NotFoundException"
	exceptionProphet  = "P21.Common.Exceptions.Prophet21Exception"
	exceptionBusiness = "P21.Business.Common.BusinessException"
)

// envelope is how the middleware reports an error.
func envelope(kind, message string) map[string]any {
	return map[string]any{
		"DateTimeStamp": time.Now().UTC().Format("2006-01-02T15:04:05"), "ErrorMessage": message, "ErrorType": kind,
		"HostName": "P21SIM", "InnerException": nil, "LogId": "0", "StackTrace": "   at P21.Soa.Service", "UserId": "api",
	}
}

// refused is the reply to an error: a rule that said no comes as a 500.
func refused(err error) reply {
	var rule ruleError
	var missing missingError
	switch {
	case errors.As(err, &rule):
		return reply{status: http.StatusInternalServerError, body: envelope(exceptionBusiness, err.Error())}
	case errors.As(err, &missing):
		return reply{status: http.StatusNotFound, body: envelope(exceptionNotFound, err.Error())}
	default:
		return reply{status: http.StatusBadRequest, body: envelope(exceptionProphet, err.Error())}
	}
}

// missingError is about something that is not there.
type missingError string

func (e missingError) Error() string { return string(e) }

func noSuch(query string) error {
	return missingError(`Your query did not yield any results. No resources found for query string "` + query + `".`)
}

// middlewareError is what a fault looks like at the middleware's door. Status
// zero is the contaminated session.
func middlewareError(w http.ResponseWriter, status int) {
	switch status {
	case 0:
		writeJSON(w, http.StatusInternalServerError, envelope(exceptionProphet, "Unexpected response window"))
	case http.StatusUnauthorized:
		writeJSON(w, status, map[string]string{"error": "invalid_grant"})
	default:
		writeJSON(w, status, map[string]string{"Message": http.StatusText(status)})
	}
}
