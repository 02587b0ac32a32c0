package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/cart21/cart21/service"
	"github.com/cart21/cart21/workflows"
)

// The exit codes of the command line for parked work.
const (
	exitDone = iota
	exitFailed
	exitWrongUse
)

// parkedSettings are all that looking after parked work needs: nothing of the
// two systems.
type parkedSettings struct {
	service.Temporal
	Store string `envconfig:"STORE" default:"main" desc:"short code of the store whose work is meant"`
}

// Validate finds every mistake.
func (s parkedSettings) Validate() error {
	return errors.Join(validStore(s.Store), s.Temporal.Validate())
}

// orderDesk is where people look after parked work from the command line.
type orderDesk struct {
	temporal client.Client
	settings parkedSettings
	in       io.Reader
	out      io.Writer // what was asked for
	err      io.Writer // everything else: questions, progress
}

// subcommand is one thing that can be done about parked work.
type subcommand interface {
	define(*flag.FlagSet)
	accept(args []string) error // wrong use
	run(context.Context, *orderDesk) error
}

var subcommands = []struct {
	name, args, purpose string
	make                func() subcommand
}{
	{"list", "", "what is parked, the longest first, and how much of it for which reason", func() subcommand { return &listParked{} }},
	{"show", "ORDER", "all about one process: why it is parked, what to do, what was decided", func() subcommand { return &showParked{} }},
	{"resolve", "ORDER", "decide about one process", func() subcommand { return &resolveParked{} }},
	{"release", "", "decide about all that are parked for one reason", func() subcommand { return &releaseParked{} }},
}

const parkedUsage = `workers parked looks after parked work: what waits for a person's decision.

`

const parkedUsageEnd = `
ORDER is a web order number, a Prophet 21 order number or a workflow id. Each has -json for programs, and -help for its flags.
Exit status: 0 done, 1 failed or refused, 2 wrong use.

Environment (credentials of the shop and of Prophet 21 are not needed):
`

func writeParkedUsage(w io.Writer) {
	fmt.Fprint(w, parkedUsage)
	for _, s := range subcommands {
		fmt.Fprintf(w, "  workers parked %-16s %s\n", strings.TrimSpace(s.name+" "+s.args), s.purpose)
	}
	fmt.Fprint(w, parkedUsageEnd)
	service.Usage(w, &parkedSettings{})
}

// runParked does what the arguments after "parked" say and returns the exit status.
func runParked(args []string, in io.Reader, out, errs io.Writer) int {
	if len(args) == 0 {
		writeParkedUsage(errs)
		return exitWrongUse
	}
	for _, s := range subcommands {
		if s.name == args[0] {
			return runSubcommand(s.name, s.args, s.make(), args[1:], in, out, errs)
		}
	}
	if name := strings.TrimLeft(args[0], "-"); name == "help" || name == "h" {
		writeParkedUsage(out)
		return exitDone
	}
	fmt.Fprintf(errs, "workers parked: %q is not known: use list, show, resolve or release (see workers parked -help)\n", args[0])
	return exitWrongUse
}

func runSubcommand(name, operands string, command subcommand, args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("workers parked "+name, flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "workers parked %s [flags]\n\nFlags:\n", strings.TrimSpace(name+" "+operands))
		flags.PrintDefaults()
	}
	command.define(flags)
	given, err := parseAnywhere(flags, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitWrongUse // the flag set has said why
	}
	if err := command.accept(given); err != nil {
		fmt.Fprintf(errs, "workers parked %s: %v (see -help)\n", name, err)
		return exitWrongUse
	}
	if err := withDesk(command, in, out, errs); err != nil {
		fmt.Fprintf(errs, "workers parked %s: %v\n", name, err)
		return exitFailed
	}
	return exitDone
}

// parseAnywhere lets flags stand before and after the operands.
func parseAnywhere(flags *flag.FlagSet, args []string) (operands []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return operands, nil
		}
		operands, args = append(operands, flags.Arg(0)), flags.Args()[1:]
	}
}

func withDesk(command subcommand, in io.Reader, out, errs io.Writer) error {
	var s parkedSettings
	if err := service.Load(&s); err != nil {
		return fmt.Errorf("the settings are not complete (see workers parked -help):\n%w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dialing, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	temporal, err := s.Temporal.Dial(dialing, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		return err
	}
	defer temporal.Close()
	return command.run(ctx, &orderDesk{temporal: temporal, settings: s, in: in, out: out, err: errs})
}

// writeJSON writes the answer for programs.
func (d *orderDesk) writeJSON(answer any) error {
	encoder := json.NewEncoder(d.out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(answer)
}

// one is the operand of a subcommand that is about one process.
func one(args []string) (string, error) {
	if len(args) != 1 || args[0] == "" {
		return "", errors.New("name one order: its web order number, its Prophet 21 order number or its workflow id")
	}
	return args[0], nil
}

func none(args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q is one too many: say what is meant with flags", args[0])
	}
	return nil
}

func validAction(action workflows.Action, allowed ...workflows.Action) error {
	words := make([]string, len(allowed))
	for i, a := range allowed {
		if words[i] = string(a); a == action {
			return nil
		}
	}
	return fmt.Errorf("-action is %q: use %s", action, strings.Join(words, ", "))
}

// decision are the flags of whoever decides.
type decision struct{ action, by, why string }

func (d *decision) define(flags *flag.FlagSet, actions string) {
	flags.StringVar(&d.action, "action", "", actions)
	flags.StringVar(&d.by, "by", "", "your `name`, for the audit trail")
	flags.StringVar(&d.why, "why", "", "the `reason`, for the audit trail")
}

func (d *decision) validate(allowed ...workflows.Action) error {
	mistakes := []error{validAction(workflows.Action(d.action), allowed...)}
	if strings.TrimSpace(d.by) == "" || strings.TrimSpace(d.why) == "" {
		mistakes = append(mistakes, errors.New("say who decides with -by and why with -why"))
	}
	return errors.Join(mistakes...)
}

func (d *decision) resolution() workflows.Resolution {
	return workflows.Resolution{Action: workflows.Action(d.action), By: d.by, Why: d.why}
}
