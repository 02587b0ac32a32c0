package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cart21/cart21/records"
)

// Workers with different profiles map the orders of one shop differently, as
// chance deals the steps. That is right for the minute of a release and wrong
// afterwards, so each worker says in the records what it uses.
const (
	profileNoted = 30 * time.Second
	profileStale = 2 * time.Minute
)

// noteProfile keeps telling which profile this worker uses, and warns of others
// as they come, until ctx ends.
func noteProfile(ctx context.Context, store *records.Store, storeCode, version string, logger *slog.Logger) {
	host, _ := os.Hostname() // without a name the number tells workers apart on one machine
	worker := fmt.Sprintf("%s/%d", host, os.Getpid())
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := store.ForgetProfile(ctx, storeCode, worker); err != nil {
			logger.Warn("other workers hear late that this one has ended", "error", err)
		}
	}()
	tick := time.NewTicker(profileNoted)
	defer tick.Stop()
	for told := ""; ; {
		err := store.NoteProfile(ctx, storeCode, worker, version)
		others := ""
		if err == nil {
			others, err = otherProfiles(ctx, store, storeCode, version)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			logger.Warn("which profiles other workers use is not known", "error", err)
		case others != told && others != "":
			logger.Warn("workers with different mapping profiles run: restart those with the old one", "this", version, "others", others)
		case others != told:
			logger.Info("all workers use the same mapping profile again", "profile", version)
		}
		if err == nil {
			told = others
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// otherProfiles names the workers that use another profile than this; empty when
// none does.
func otherProfiles(ctx context.Context, store *records.Store, storeCode, version string) (string, error) {
	all, err := store.ProfilesInUse(ctx, storeCode, time.Now().Add(-profileStale))
	if err != nil {
		return "", err
	}
	all = slices.DeleteFunc(all, func(p records.ProfileInUse) bool { return p.Version == version })
	words := make([]string, len(all))
	for i, p := range all {
		words[i] = p.Worker + " uses " + p.Version
	}
	return strings.Join(words, ", "), nil
}
