package main

import (
	"bytes"
	"flag"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFlagsStandBeforeAndAfterTheOrder(t *testing.T) {
	for name, args := range map[string][]string{
		"after":  {"1004120", "-action", "amend", "-set", "/total=12.50", "-by", "Ann", "-why", "x=y"},
		"before": {"-action", "amend", "-set", "/total=12.50", "-by", "Ann", "-why", "x=y", "1004120"},
		"around": {"-action", "amend", "1004120", "-set", "/total=12.50", "-by", "Ann", "-why", "x=y"},
	} {
		t.Run(name, func(t *testing.T) {
			var c resolveParked
			flags := flag.NewFlagSet("resolve", flag.ContinueOnError)
			c.define(flags)
			operands, err := parseAnywhere(flags, args)
			if err == nil {
				err = c.accept(operands)
			}
			if err != nil || c.order != "1004120" || c.changes["/total"] != 12.5 || c.why != "x=y" {
				t.Errorf("%+v, %v", c, err)
			}
		})
	}
}

func TestValuesAreJSONWhereTheyParse(t *testing.T) {
	for assignment, want := range map[string]any{
		"/a=OK": "OK", "/a=7": 7.0, `/a="7"`: "7", "/a=": "", "/a=null": nil, "/a=b=c": "b=c", "/a=true": true, "/a=12V": "12V",
	} {
		var c resolveParked
		c.define(flag.NewFlagSet("resolve", flag.ContinueOnError))
		if err := c.set(assignment); err != nil || c.changes["/a"] != want {
			t.Errorf("%s is %#v, %v; want %#v", assignment, c.changes["/a"], err, want)
		}
	}
	var c resolveParked
	c.define(flag.NewFlagSet("resolve", flag.ContinueOnError))
	for _, wrong := range []string{"/a", "a=1", "=1"} {
		if c.set(wrong) == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
}

func TestTheFilterSaysWhatIsMeant(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		selection
		want string
	}{
		"everything":   {selection{}, "ExecutionStatus = 'Running' AND BlockedOn IS NOT NULL"},
		"of one store": {selection{store: "main"}, "ExecutionStatus = 'Running' AND BlockedOn IS NOT NULL AND Store = 'main'"},
		"one old reason": {selection{reason: "p21-rejected", older: 2 * time.Hour},
			"ExecutionStatus = 'Running' AND BlockedOn = 'p21-rejected' AND BlockedSince < '2026-11-24T10:00:00Z'"},
		"a quote does not end the text": {selection{reason: "it's"}, "ExecutionStatus = 'Running' AND BlockedOn = 'it''s'"},
	} {
		if got := c.query(now); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
}

func TestHelpNeedsNoServer(t *testing.T) {
	for _, args := range [][]string{{"-help"}, {"list", "-help"}, {"show", "-h"}, {"resolve", "-help"}, {"release", "-help"}} {
		var said bytes.Buffer
		if status := runParked(args, strings.NewReader(""), &said, &said); status != exitDone || !strings.Contains(said.String(), "workers parked") {
			t.Errorf("%v: status %d\n%s", args, status, said.String())
		}
	}
	if status := runParked(nil, strings.NewReader(""), io.Discard, io.Discard); status != exitWrongUse {
		t.Errorf("without arguments: status %d", status)
	}
}

func TestAgesAreForPeople(t *testing.T) {
	ages := []string{}
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for _, d := range []time.Duration{-time.Second, 59 * time.Second, 90 * time.Minute, 47 * time.Hour, 49 * time.Hour} {
		ages = append(ages, age(now, now.Add(-d)))
	}
	if want := []string{"0s", "59s", "1h", "47h", "2d"}; !slices.Equal(ages, want) {
		t.Errorf("ages %v, want %v", ages, want)
	}
}
