package service

import (
	"flag"
	"fmt"
	"os"
)

// Program is one of our services: its settings, and what it does with them.
type Program struct {
	Name     string  // "workers"
	Purpose  string  // ends the sentence that begins with the name
	Settings any     // points to the struct that Load fills
	Listen   *string // the setting at whose address the health is asked for
	Run      func() error
	Check    func() error // tries the connections and reports
}

// Main reads flags and settings, does what they ask for and ends the process
// with status 1 if that fails. Flags of the program's own are defined before.
func (p Program) Main() {
	if err := p.start(flag.CommandLine, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		os.Exit(1)
	}
}

func (p Program) start(flags *flag.FlagSet, args []string) error {
	check := flags.Bool("check", false, "try every connection, say what works and what is missing, and end")
	health := flags.Bool("healthcheck", false, "ask the running "+p.Name+" of this machine for its health, and end")
	flags.Usage = func() {
		out := flags.Output()
		fmt.Fprintf(out, "%s %s.\n\nFlags:\n", p.Name, p.Purpose)
		flags.PrintDefaults()
		fmt.Fprint(out, "\nEnvironment:\n")
		Usage(out, p.Settings)
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	err := Load(p.Settings)
	switch {
	case *health: // needs no more than the address
		return HealthCheck(*p.Listen)
	case err != nil:
		return fmt.Errorf("the settings are not complete (see -help):\n%w", err)
	case *check:
		return p.Check()
	}
	return p.Run()
}
