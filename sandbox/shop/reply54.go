package shop

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// fatalPage is what PHP shows when it dies.
const fatalPage = `<script>document.addEventListener("DOMContentLoaded", function(event) {document.body.innerHTML="<!DOCTYPE html>\n<html>\n<head>\n  <title>Error<\/title>\n<\/head>\n<body>\n  <div id=\"lc-error\" class=\"container\">\n    <div class=\"error-in-your-store\">Sorry, there seems to be a problem with the site. Please, try again later.<\/div>\n  <\/div>\n<\/body>\n<\/html>\n";});</script>
`

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(html))
}

func (c *call54) send(w http.ResponseWriter, r *http.Request, reply any, err error) {
	var bad badQuery
	switch {
	case errors.As(err, &bad):
		w.Header().Set("X-REST-Error", bad.message)
		c.headers(w, []byte("[]"), 0)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("[]"))
	case err != nil:
		page(w, http.StatusInternalServerError, fatalPage)
	default:
		body := reply.([]byte)
		tag := c.headers(w, body, c.rows)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write(body)
	}
}

// countRows is the number of rows in this reply, never a grand total; 1 for any
// single answer, null included.
func (c *call54) countRows(reply any) {
	c.rows = 1
	if rows, isList := reply.([]any); isList && !c.single {
		c.rows = len(rows)
	}
}

// headers writes what every handled call carries, and returns the etag: the
// MD5 of the body, without quotes.
func (c *call54) headers(w http.ResponseWriter, body []byte, count int) string {
	sum := md5.Sum(body)
	tag := hex.EncodeToString(sum[:])
	now := time.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 -0700")
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=utf-8")
	h.Set("Allow", "GET,POST,PUT,DELETE")
	h.Set("Date", now)
	h.Set("Last-Modified", now)
	h.Set("Accept-Ranges", "none")
	h.Set("X-Result-Count", strconv.Itoa(count))
	h.Set("Etag", tag)
	h.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum[:]))
	h.Set("Set-Cookie", "xid="+tag+"; Max-Age=43200; path=/; HttpOnly; SameSite=lax")
	return tag
}
