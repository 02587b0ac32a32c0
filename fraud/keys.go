package fraud

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"strings"
	"unicode"

	"github.com/cart21/cart21/commerce"
)

// Kind says what a velocity key identifies.
type Kind string

// The kinds of key. An order has at most one of each.
const (
	KindCustomer Kind = "customer" // the shop's account, within its store
	KindEmail    Kind = "email"
	KindAddress  Kind = "address" // where the order ships
	KindPhone    Kind = "phone"
	KindCard     Kind = "card"   // the masked number
	KindBIN      Kind = "bin"    // the card's first six digits: its issuer
	KindIP       Kind = "ip"     // for IPv6 its /64
	KindDevice   Kind = "device" // a fingerprint
	KindStore    Kind = "store"  // all orders of a store: what is usual there
)

// Kinds are all kinds of key, in the order in which features come.
var Kinds = []Kind{KindCustomer, KindEmail, KindAddress, KindPhone, KindCard, KindBIN, KindIP, KindDevice, KindStore}

// Crowd says whether many unrelated orders share keys of a kind: distinct
// counterparts are not counted for them.
func (k Kind) Crowd() bool { return k == KindStore || k == KindBIN }

// Key is one identity of an order, as a hash: velocity is counted by it.
type Key struct {
	Kind Kind   `json:"kind"`
	Hash string `json:"hash"` // 32 hexadecimal digits
}

// NewKey hashes a normalised value. Phones, cards and IPs are few enough to be
// guessed by trying all, so that a store of keys has to be given a secret of its
// own: the pepper. Counts begin anew when it changes.
func NewKey(kind Kind, value string, pepper []byte) Key {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte(string(kind) + "\x00" + value))
	return Key{Kind: kind, Hash: hex.EncodeToString(mac.Sum(nil)[:16])}
}

// Keys are the identities by which velocity is counted, in the order of
// [Kinds]; one that the order does not have is left out.
func Keys(o commerce.Order, s commerce.Screening, pepper []byte) []Key {
	customer := o.Customer.ProfileID
	if o.Customer.Guest {
		customer = ""
	}
	if customer != "" {
		customer = o.Store + "\x00" + customer
	}
	var keys []Key
	for _, k := range []struct {
		kind  Kind
		value string
	}{
		{KindCustomer, customer},
		{KindEmail, mailbox(email(o))},
		{KindAddress, place(o.Destination())},
		{KindPhone, phone(o)},
		{KindCard, card(s.Card)},
		{KindBIN, bin(s.Card)},
		{KindIP, network(s.IP)},
		{KindDevice, strings.TrimSpace(s.Device)},
		{KindStore, o.Store},
	} {
		if k.value != "" {
			keys = append(keys, NewKey(k.kind, k.value, pepper))
		}
	}
	return keys
}

func email(o commerce.Order) string {
	for _, e := range []string{o.Customer.Email, o.BillTo.Email, o.ShipTo.Email} {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" {
			return e
		}
	}
	return ""
}

// mailbox folds the spellings of one mailbox: what follows a plus, and Gmail's
// dots, do not tell two people apart.
func mailbox(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok {
		return address
	}
	local, _, _ = strings.Cut(local, "+")
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain
}

// place is an address without what is written differently from order to order:
// letter case, punctuation, the ZIP+4.
func place(a commerce.Address) string {
	street, postal := squeeze(a.Line1+a.Line2), squeeze(a.PostalCode)
	if street == "" {
		return ""
	}
	if country := strings.ToUpper(a.Country); (country == "US" || country == "") && len(postal) > 5 {
		postal = postal[:5]
	}
	return street + "\x00" + postal + "\x00" + squeeze(a.Country)
}

func phone(o commerce.Order) string {
	for _, p := range []string{o.BillTo.Phone, o.ShipTo.Phone} {
		if digits := only(p, unicode.IsDigit); len(digits) >= 7 {
			return digits[max(len(digits)-10, 0):] // with or without the country's code
		}
	}
	return ""
}

// card is a masked number as its known digits; "" when too few are known to
// tell one card from others, as with ******1111.
func card(masked string) string {
	if bin(masked) == "" {
		return ""
	}
	digits := only(masked, unicode.IsDigit)
	return digits[:6] + digits[len(digits)-4:]
}

func bin(masked string) string {
	digits := only(masked, unicode.IsDigit)
	if masked = strings.TrimSpace(masked); len(digits) < 10 || !strings.HasPrefix(masked, digits[:4]) {
		return ""
	}
	return digits[:6]
}

func network(ip string) string {
	address, err := netip.ParseAddr(strings.TrimSpace(ip))
	if err != nil || address.IsUnspecified() || address.IsLoopback() || address.IsPrivate() {
		return "" // the shop's own proxy: shared by everybody
	}
	if address = address.Unmap(); address.Is4() {
		return address.String()
	}
	prefix, err := address.WithZone("").Prefix(64)
	if err != nil {
		return ""
	}
	return prefix.String()
}

func squeeze(s string) string {
	return strings.ToLower(only(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
}

func only(s string, keep func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if keep(r) {
			return r
		}
		return -1
	}, s)
}
