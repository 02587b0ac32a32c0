package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/connectors/prophet21"
	"github.com/cart21/cart21/connectors/xcart"
	"github.com/cart21/cart21/mapping"
	"github.com/cart21/cart21/records"
	"github.com/cart21/cart21/service"
)

// runCheck tries every connection and says in plain words what works, what is
// missing and how to mend it. It writes nothing to either system.
func runCheck(s settings) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	s.Logging.Level = "error"
	logger, err := s.Logger()
	if err != nil {
		return err
	}
	report := service.NewReport(os.Stdout)

	profile, err := mapping.Load(s.MappingFile)
	report.Add("mapping profile", err, func() string { return "version " + profile.Version() })
	if profile == nil {
		return report.Err()
	}

	store, err := records.Open(ctx, s.RecordsDSN)
	report.Add("records", err, func() string { return "opened, schema up to date" })
	if err == nil {
		defer store.Close()
		others, err := otherProfiles(ctx, store, s.Store, profile.Version())
		switch {
		case err != nil:
			report.Add("profiles in use", err, nil)
		case others != "":
			report.Remarks([]string{"running workers use another mapping profile than this " + profile.Version() + ": " + others + "; restart them if this one shall count"})
		}
	}

	c, err := s.Temporal.Dial(ctx, logger, nil)
	if err == nil {
		_, err = c.CheckHealth(ctx, &client.CheckHealthRequest{})
		defer c.Close()
	}
	report.Add("Temporal", err, func() string { return s.Temporal.Address + ", namespace " + s.Temporal.Namespace })

	shop, err := openShop(s, nil, logger)
	if err == nil {
		var can xcart.Capabilities
		can, err = shop.Probe(ctx)
		report.Add("X-Cart", err, func() string {
			return describeShop(can) + "; " + s.Outages.Describe(s.XCart.Concurrency, s.XCart.Rate)
		})
		report.Remarks(can.Remarks)
	} else {
		report.Add("X-Cart", err, nil)
	}

	erp, err := openERP(s, profile, nil, logger)
	if err == nil {
		var can prophet21.Capabilities
		can, err = erp.Probe(ctx)
		report.Add("Prophet 21", err, func() string {
			return describeERP(can) + "; " + s.Outages.Describe(s.P21.Concurrency, s.P21.Rate)
		})
		report.Remarks(can.Remarks)
		if err == nil {
			report.Remarks(checkItems(ctx, erp, profile))
		}
	} else {
		report.Add("Prophet 21", err, nil)
	}
	screening, err := openScreening(s, nil, logger)
	report.Add("fraud", err, func() string { return describeScreening(screening, s) })
	report.Add("alerts", nil, func() string { return describeChannels(s, logger) })
	if breakers, err := service.Breakers(s.Listen); err != nil {
		report.Remarks([]string{"no workers answer on this machine (LISTEN), so the state of their circuit breakers is not known"})
	} else {
		report.Add("circuit breakers", nil, func() string { return "of the workers running here: " + breakers })
	}
	return report.Err()
}

func describeShop(can xcart.Capabilities) string {
	words := []string{"version " + can.Version}
	for _, ability := range []struct {
		word string
		able bool
	}{
		{"the key may write", can.CanWrite},
		{"orders can be asked for by change", can.FilterByUpdate},
		{"tracking numbers can be written", can.WriteTracking},
		{"the ERP's number can be left on the order", can.NoteERPOrder},
	} {
		if ability.able {
			words = append(words, ability.word)
		}
	}
	return strings.Join(words, "; ")
}

func describeERP(can prophet21.Capabilities) string {
	s := can.API + ", orders by " + can.OrderRoute
	if can.Build != "" {
		s += ", build " + can.Build
	}
	return s
}

// checkItems looks up the charge items that the profile names: a missing one
// would park the first order with freight or a discount.
func checkItems(ctx context.Context, erp prophet21.ERP, profile *mapping.Profile) []string {
	wanted := profile.ChargeItems()
	found, err := erp.Items(ctx, wanted)
	if err != nil {
		return []string{fmt.Sprintf("the charge items could not be looked up: %v", err)}
	}
	var remarks []string
	for _, id := range wanted {
		if _, ok := found[id]; !ok {
			remarks = append(remarks, fmt.Sprintf("charge item %q of the profile is not in Prophet 21: create it there, or name another in the profile's charges", id))
		}
	}
	if account := profile.GuestHouseAccount(); account != "" {
		if _, err := erp.Account(ctx, account); err != nil {
			remarks = append(remarks, fmt.Sprintf("the house account %s for guests: %v", account, errors.Unwrap(err)))
		}
	}
	return remarks
}
