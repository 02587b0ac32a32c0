package fraud

import (
	"math"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/cart21/cart21/commerce"
)

// Feature is one number that rules and models look at.
type Feature struct {
	Name string
	Doc  string // what it is and its unit
	// Sign is what is known beforehand: risk never falls as the feature rises
	// (1), never rises (-1), or may do either (0). Models keep to it: few
	// charge-backs cannot teach them that more of them on a card are a good sign.
	Sign int
	// Code is the reason under which a model's weight on it is told.
	Code  string
	value func(*view) float64
}

// Unknown is the value of a feature of which nothing is known.
var Unknown = math.NaN()

// view is what features are taken from, worked out once.
type view struct {
	Facts
	lists  lookup
	zone   *time.Location
	email  string
	amount float64
}

// Features are all features, in the order of every vector. Names never change
// their meaning: models are stored with them.
var Features = append(orderFeatures, velocityFeatures()...)

var featureIndex = func() map[string]int {
	index := map[string]int{}
	for i, f := range Features {
		index[f.Name] = i
	}
	return index
}()

// Vector is an order's features, in the order of [Features]; [Unknown] where
// nothing is known. It is the same in training and live.
func Vector(f Facts, p *Policy) []float64 {
	v := &view{Facts: f, lists: p.lookup, zone: p.zone, email: email(f.Order), amount: money(f.Order.Total)}
	vector := make([]float64, len(Features))
	for i, feature := range Features {
		vector[i] = feature.value(v)
	}
	return vector
}

var orderFeatures = []Feature{
	{"amount", "Order total, log(1+x) of the currency's unit.", 1, "AMOUNT",
		func(v *view) float64 { return math.Log1p(max(v.amount, 0)) }},
	{"amount_to_shop", "Order total over the store's average of the last 30 days, as log; unknown below 5 orders.", 0, "AMOUNT",
		func(v *view) float64 { return v.ratio(KindStore, 5) }},
	{"amount_to_customer", "Order total over the customer's average before, as log; unknown for a first order.", 0, "AMOUNT", amountToCustomer},
	{"hour", "Hour of the day in the shop's time zone, 0 to 23.", 0, "TIME_OF_DAY",
		func(v *view) float64 { return float64(v.Order.PlacedAt.In(v.zone).Hour()) }},
	{"hour_sine", "The hour on a circle, its sine: 1 at six in the morning, -1 at six in the evening.", 0, "TIME_OF_DAY",
		func(v *view) float64 { return math.Sin(v.clock()) }},
	{"hour_cosine", "The hour on a circle, its cosine: 1 at midnight, -1 at noon.", 0, "TIME_OF_DAY",
		func(v *view) float64 { return math.Cos(v.clock()) }},
	{"night", "1 from midnight to 6 in the shop's time zone.", 1, "TIME_OF_DAY",
		func(v *view) float64 { return yes(v.Order.PlacedAt.In(v.zone).Hour() < 6) }},
	{"lines", "Number of lines.", 0, "BASKET",
		func(v *view) float64 { return known(len(v.Order.Lines) > 0, float64(len(v.Order.Lines))) }},
	{"largest_quantity", "Largest quantity of one line, log(1+x).", 1, "BASKET", largestQuantity},
	{"largest_share", "The largest line's share of the goods, 0 to 1.", 0, "BASKET", largestShare},
	{"guest", "1 without an account.", 1, "ACCOUNT",
		func(v *view) float64 {
			return known(v.Order.Customer.Guest || v.Order.Customer.ProfileID != "", yes(v.Order.Customer.Guest))
		}},
	{"account_age", "Age of the account in days, log(1+x).", -1, "ACCOUNT", accountAge},
	{"orders_before", "Orders the customer paid before, log(1+x).", -1, "ACCOUNT",
		func(v *view) float64 {
			if v.History == nil {
				return Unknown
			}
			return math.Log1p(float64(v.History.Orders))
		}},
	{"address_differs", "1 when it ships elsewhere than to the billing address.", 1, "ADDRESS_DIFFERS",
		func(v *view) float64 {
			return v.addresses(func(bill, ship commerce.Address) bool { return place(bill) != place(ship) })
		}},
	{"postal_differs", "1 when shipping and billing postal codes differ.", 1, "ADDRESS_DIFFERS",
		func(v *view) float64 {
			return v.addresses(func(bill, ship commerce.Address) bool { return area(bill) != area(ship) })
		}},
	{"country_differs", "1 when shipping and billing countries differ.", 1, "COUNTRY_DIFFERS",
		func(v *view) float64 {
			return v.addresses(func(bill, ship commerce.Address) bool { return squeeze(bill.Country) != squeeze(ship.Country) })
		}},
	{"recipient_differs", "1 when the parcel is for another last name than the bill.", 1, "RECIPIENT_DIFFERS",
		func(v *view) float64 {
			return v.addresses(func(bill, ship commerce.Address) bool { return squeeze(bill.LastName) != squeeze(ship.LastName) })
		}},
	{"forwarder", "1 when it ships to a freight forwarder.", 1, "FORWARDER", forwarder},
	{"po_box", "1 when it ships to a P.O. box.", 0, "PO_BOX",
		func(v *view) float64 {
			to := v.Order.Destination()
			return known(to.Line1 != "", yes(poBox(to.Line1) || poBox(to.Line2)))
		}},
	{"email_free", "1 for a mailbox of a free provider.", 1, "EMAIL",
		func(v *view) float64 { return v.domain(v.lists.freeMail) }},
	{"email_throw_away", "1 for a mailbox of a throw-away provider.", 1, "EMAIL_THROW_AWAY",
		func(v *view) float64 { return v.domain(v.lists.throwAway) }},
	{"email_name_differs", "1 when neither first nor last name is in a free provider's mailbox name.", 1, "EMAIL_NAME", emailName},
	{"email_digits", "Digits' share of the mailbox name, 0 to 1.", 0, "EMAIL_NAME", emailDigits},
	{"cardholder_differs", "1 when the cardholder's last name is not on the bill.", 1, "CARDHOLDER", cardholder},
	{"ip_country_differs", "1 when the IP address is of another country than the bill.", 1, "IP_COUNTRY",
		func(v *view) float64 {
			ip, bill := squeeze(v.Screening.IPCountry), squeeze(v.Order.BillTo.Country)
			return known(ip != "" && bill != "", yes(ip != bill))
		}},
	{"avs", "Billing address as the card's issuer sees it: 0 match, 1 partial, 2 mismatch.", 1, "AVS",
		func(v *view) float64 { return matchValue(AVS(v.Screening.AVS)) }},
	{"cvv", "Security code as the issuer sees it: 0 match, 2 mismatch.", 1, "CVV",
		func(v *view) float64 { return matchValue(CVV(v.Screening.CVV)) }},
	{"verdict", "Worst verdict of a screening service: 1 pass, 2 pending, 3 review, 4 fail.", 1, "VERDICT",
		func(v *view) float64 {
			verdict := worst(v.Screening.Verdicts)
			return known(verdict != VerdictNone, float64(verdict))
		}},
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func known(is bool, value float64) float64 {
	if is {
		return value
	}
	return Unknown
}

// money is an amount as a feature; no more than a shop can mean, so that sums of
// features stay numbers.
func money(d decimal.Decimal) float64 { return min(max(d.InexactFloat64(), -1e15), 1e15) }

func matchValue(m Match) float64 {
	switch m {
	case Matched:
		return 0
	case Partial:
		return 1
	case Mismatched:
		return 2
	}
	return Unknown
}

// clock is the time of day in the shop as an angle.
func (v *view) clock() float64 {
	t := v.Order.PlacedAt.In(v.zone)
	return 2 * math.Pi * float64(t.Hour()*60+t.Minute()) / (24 * 60)
}

// ratio is the amount over a key's average of the longest window, as log.
func (v *view) ratio(kind Kind, least int) float64 {
	c := v.Counts[kind].Windows[len(Windows)-1]
	average := money(c.Amount) / float64(c.Orders)
	if c.Orders < max(least, 1) || average <= 0 || v.amount <= 0 {
		return Unknown
	}
	return math.Log(v.amount / average)
}

func amountToCustomer(v *view) float64 {
	if v.History == nil || v.History.Orders == 0 {
		return v.ratio(KindCustomer, 1)
	}
	average := money(v.History.Spend) / float64(v.History.Orders)
	if average <= 0 || v.amount <= 0 {
		return Unknown
	}
	return math.Log(v.amount / average)
}

func largestQuantity(v *view) float64 {
	largest := Unknown
	for _, l := range v.Order.Lines {
		if q := money(l.Quantity); q >= 0 && !(largest >= q) {
			largest = q
		}
	}
	return math.Log1p(largest)
}

func largestShare(v *view) float64 {
	goods, largest := money(v.Order.GoodsTotal()), 0.0
	for _, l := range v.Order.Lines {
		largest = max(largest, money(l.Subtotal))
	}
	return known(goods > 0, largest/goods)
}

func accountAge(v *view) float64 {
	age := v.Order.PlacedAt.Sub(v.Screening.AccountSince)
	return known(!v.Screening.AccountSince.IsZero() && !v.Order.Customer.Guest, math.Log1p(max(age.Hours()/24, 0)))
}

// addresses compares billing with shipping; unknown unless both are there.
func (v *view) addresses(differ func(bill, ship commerce.Address) bool) float64 {
	if v.Order.BillTo.IsZero() {
		return Unknown
	}
	return yes(differ(v.Order.BillTo, v.Order.Destination()))
}

func area(a commerce.Address) string {
	code := squeeze(a.PostalCode)
	if country := strings.ToUpper(a.Country); country == "US" || country == "" {
		code = code[:min(len(code), 5)]
	}
	return code
}

func forwarder(v *view) float64 {
	to := v.Order.Destination()
	if to.IsZero() {
		return Unknown
	}
	text := squeeze(to.Company) + " " + squeeze(to.FirstName+to.LastName) + " " + squeeze(to.Line1+to.Line2)
	return yes(holds(text, v.lists.forwarders...))
}

func poBox(line string) bool {
	line = squeeze(line)
	return strings.HasPrefix(line, "pobox") || strings.HasPrefix(line, "postofficebox") || strings.HasPrefix(line, "postbox")
}

func (v *view) domain(list map[string]bool) float64 {
	_, domain, ok := strings.Cut(v.email, "@")
	return known(ok, yes(list[domain]))
}

func emailName(v *view) float64 {
	local, domain, _ := strings.Cut(v.email, "@")
	if !v.lists.freeMail[domain] {
		return Unknown // info@ and sales@ of a company say nothing
	}
	names, found := 0, false
	local = squeeze(local)
	for _, name := range []string{v.Order.BillTo.FirstName, v.Order.BillTo.LastName, v.Order.Customer.FirstName, v.Order.Customer.LastName} {
		if name = squeeze(name); len(name) >= 2 {
			names++
			found = found || strings.Contains(local, name)
		}
	}
	return known(names > 0, yes(!found))
}

func emailDigits(v *view) float64 {
	local, _, ok := strings.Cut(v.email, "@")
	digits := only(local, func(r rune) bool { return r >= '0' && r <= '9' })
	return known(ok && local != "", float64(len(digits))/float64(max(len(local), 1)))
}

func cardholder(v *view) float64 {
	holder, last := squeeze(v.Screening.Cardholder), squeeze(v.Order.BillTo.LastName)
	return known(holder != "" && len(last) >= 2, yes(!strings.Contains(holder, last)))
}
