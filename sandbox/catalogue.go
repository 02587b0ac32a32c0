package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/shopspring/decimal"
)

// good is an article of the made-up distributor, known to both systems.
type good struct {
	SKU   string
	Name  string
	Price decimal.Decimal
	// ERPItem is the article in the ERP when it is called otherwise there.
	ERPItem string
}

// families are what an industrial distributor sells, each in several sizes.
var families = []struct {
	code, name string
	sizes      []string
	cents      int64
}{
	{"PUMP", "Transfer pump", []string{"12V", "24V", "115V", "230V"}, 14995},
	{"VALVE", "Ball valve, brass", []string{"1/4", "3/8", "1/2", "3/4", "1", "2"}, 1185},
	{"ELBOW", "Elbow 90, galvanised", []string{"1/2", "3/4", "1", "1-1/4"}, 249},
	{"HOSE", "Hydraulic hose, per foot", []string{"1/4", "3/8", "1/2", "1"}, 389},
	{"CLAMP", "Hose clamp, stainless", []string{"6", "10", "16", "24", "40"}, 97},
	{"BEARING", "Deep groove bearing", []string{"6001", "6202", "6203", "6305"}, 725},
	{"VBELT", "V-belt", []string{"A32", "A42", "B55", "B68"}, 1349},
	{"FILTER", "Oil filter", []string{"P550", "P779", "LF16"}, 1875},
	{"GLOVE", "Nitrile gloves, box of 100", []string{"S", "M", "L", "XL"}, 1299},
	{"TAPE", "Thread seal tape", []string{"1/2X520", "3/4X520"}, 79},
	{"MOTOR", "Electric motor, TEFC", []string{"1HP", "2HP", "5HP"}, 31250},
	{"GASKET", "Flange gasket", []string{"2\"150#", "4\"150#", "6\"300#"}, 415},
}

// catalogue makes the articles. Their ids hold slashes, quotes and hash signs,
// as a distributor's do.
func catalogue() []good {
	var goods []good
	for _, f := range families {
		for i, size := range f.sizes {
			cents := f.cents + f.cents*int64(i)*35/100
			goods = append(goods, good{SKU: f.code + "-" + size, Name: f.name + " " + size, Price: decimal.New(cents, -2)})
		}
	}
	return goods
}

// person is a made-up buyer.
type person struct {
	First, Last, Company, Email, Phone string
	Street, Suite, City, State, Zip    string
	Registered                         bool
}

var (
	firstNames = []string{"Pat", "Alex", "Sam", "Maria", "Chris", "Dana", "Lee", "Robin", "José", "Anna", "Kim", "Terry"}
	lastNames  = []string{"Roe", "Ortiz", "Nguyen", "O'Neill", "Smith", "Kowalski", "Brown", "Ünal", "Garcia", "Jones"}
	companies  = []string{"", "", "Edmond Irrigation LLC", "Prairie Pump & Supply", "Reno Fleet Service", "Acme Hydraulics", "Gulf Marine Works"}
	streets    = []string{"12 Dock Street", "400 N Main St", "87 Industrial Parkway", "1550 County Road 9", "PO Box 311", "6 Saint Paul Avenue NE"}
	suites     = []string{"", "", "", "Suite 200", "Unit B", "Dock 3"}
	places     = []struct{ city, state, zip string }{
		{"Edmond", "OK", "73003"}, {"Reno", "NV", "89501"}, {"Austin", "TX", "78701"}, {"Tulsa", "OK", "74103"},
		{"Portland", "OR", "97201"}, {"Houston", "TX", "77002"}, {"Fresno", "CA", "93721"}, {"Boise", "ID", "83702"},
	}
)

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// buyers makes people, some of whom buy again and again.
func buyers(r *rand.Rand, n int) []person {
	people := make([]person, n)
	for i := range people {
		place := pick(r, places)
		p := person{
			First: pick(r, firstNames), Last: pick(r, lastNames), Company: pick(r, companies),
			Email: fmt.Sprintf("buyer%d@example.test", i+1), Phone: fmt.Sprintf("(405) 555-%04d", 100+r.IntN(9000)),
			Street: pick(r, streets), Suite: pick(r, suites), City: place.city, State: place.state, Zip: place.zip,
			Registered: r.IntN(3) > 0,
		}
		people[i] = p
	}
	return people
}
