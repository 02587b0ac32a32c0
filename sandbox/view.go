package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"

	"github.com/cart21/cart21/workflows"
)

// stages are shown from left to right, as an order passes through them.
var stages = []workflows.Stage{
	workflows.StageReceived, workflows.StageWaiting, workflows.StageInERP, workflows.StageOpen, workflows.StageShipping, workflows.StageCompleted,
}

// snapshot is what the view shows at one moment.
type snapshot struct {
	at      time.Time
	placed  int
	created int
	shown   int // as shipped, in the shop
	stages  map[string]int
	parked  map[string]int
	ended   int // cancelled or not imported
	recent  []recentOrder
	held    []string // numbers of orders that wait for a reviewer, the newest first
	ack     latency
	err     error
}

type recentOrder struct{ number, erp, state string }

func (w *world) snapshot(ctx context.Context) snapshot {
	s := snapshot{at: time.Now(), stages: map[string]int{}, parked: map[string]int{}, ack: w.pokes.times50and99()}
	processes, err := w.processes(ctx)
	if err != nil {
		s.err = err
		return s
	}
	placed, books := w.placements(), w.books()
	s.placed = len(placed)
	ids := slices.SortedFunc(maps.Keys(placed), func(a, b string) int { return placed[b].at.Compare(placed[a].at) })
	for i, id := range ids {
		p := processes[id]
		state := p.stage
		switch {
		case p.blocked != "":
			s.parked[p.blocked]++
			state = "parked: " + p.blocked
			if p.blocked == workflows.ReasonFraudReview {
				s.held = append(s.held, placed[id].number)
			}
		case p.stage == string(workflows.StageCancelled), p.stage == string(workflows.StageNotImported):
			s.ended++
		case p.stage == "":
			state = "not seen yet"
		default:
			s.stages[p.stage]++
		}
		if books.inERP(id) {
			s.created++
		}
		if books.shownShipped(id) {
			s.shown++
		}
		if i < 12 {
			s.recent = append(s.recent, recentOrder{placed[id].number, books.erpNumber(id), state})
		}
	}
	return s
}

// tell writes a line whenever something moved, for logs and pipes.
func (w *world) tell(ctx context.Context, out io.Writer) error {
	last := ""
	for {
		s := w.snapshot(ctx)
		if ctx.Err() != nil {
			return nil
		}
		line := fmt.Sprintf("placed %d, in the ERP %d, shown as shipped %d, parked %d, cancelled %d", s.placed, s.created, s.shown, total(s.parked), s.ended)
		if line != last {
			fmt.Fprintln(out, time.Now().Format("15:04:05"), line)
			last = line
			if len(s.held) > 0 {
				fmt.Fprintln(out, w.holds(s.held))
			}
		}
		sleep(ctx, 2*time.Second)
	}
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// holds tells of the orders that wait for a reviewer, and how to release one.
func (w *world) holds(numbers []string) string {
	most := min(len(numbers), 5)
	more := ""
	if most < len(numbers) {
		more = " ..."
	}
	return fmt.Sprintf("held for fraud review: %s%s\n  release one:  %s\n  or by page:   %s as %s, password %s",
		strings.Join(numbers[:most], ", "), more, w.howToRelease(numbers[0]), w.console.url(), consoleUser, consolePassword)
}

// view shows the orders moving, full screen, until q or Ctrl-C.
func (w *world) view(ctx context.Context) error {
	program := tea.NewProgram(model{w: w, ctx: ctx}, tea.WithAltScreen(), tea.WithContext(ctx))
	_, err := program.Run()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

type model struct {
	w     *world
	ctx   context.Context
	now   snapshot
	width int
}

func (m model) Init() tea.Cmd { return m.look }

func (m model) look() tea.Msg { return m.w.snapshot(m.ctx) }

func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		if s := msg.String(); s == "q" || s == "ctrl+c" {
			return m, tea.Quit
		}
	case tea.WindowSizeMsg:
		m.width = msg.Width
	case snapshot:
		m.now = msg
		return m, tea.Tick(time.Second, func(time.Time) tea.Msg { return m.look() })
	}
	return m, nil
}

var (
	title  = lipgloss.NewStyle().Bold(true)
	faint  = lipgloss.NewStyle().Faint(true)
	alarm  = lipgloss.NewStyle().Foreground(lipgloss.Color("1")).Bold(true)
	good1  = lipgloss.NewStyle().Foreground(lipgloss.Color("2"))
	bar    = lipgloss.NewStyle().Foreground(lipgloss.Color("4"))
	column = lipgloss.NewStyle().Width(20)
)

func (m model) View() string {
	s, w := m.now, m.w
	var b strings.Builder
	fmt.Fprintf(&b, "%s  X-Cart %s -> Prophet 21 (%s), store %s\n", title.Render("cart21 sandbox"), w.o.xcart, w.o.p21, store)
	fmt.Fprintf(&b, "%s\n%s\n\n", faint.Render(fmt.Sprintf("Temporal Web UI %s    console %s    q ends all", w.at.UI, w.console.url())),
		faint.Render(fmt.Sprintf("shop %s    ERP %s    webhooks http://%s", w.shopURL, w.erpURL, w.starterAddress)))
	if s.err != nil {
		fmt.Fprintln(&b, alarm.Render(s.err.Error()))
	}
	most := 1
	for _, n := range s.stages {
		most = max(most, n)
	}
	for _, stage := range stages {
		n := s.stages[string(stage)]
		fmt.Fprintf(&b, "%s %s %d\n", column.Render(string(stage)), bar.Render(strings.Repeat("█", n*40/most)), n)
	}
	fmt.Fprintf(&b, "%s %d\n", column.Render("cancelled"), s.ended)
	for _, reason := range slices.Sorted(maps.Keys(s.parked)) {
		fmt.Fprintf(&b, "%s %d\n", alarm.Render(column.Render("! "+reason)), s.parked[reason])
	}
	fmt.Fprintf(&b, "\n%s placed %d, in the ERP %d, shown as shipped %d; webhook p50 %.0f ms, p99 %.0f ms\n\n",
		good1.Render("●"), s.placed, s.created, s.shown, s.ack.P50, s.ack.P99)
	if len(s.held) > 0 {
		fmt.Fprintf(&b, "%s\n\n", w.holds(s.held))
	}
	fmt.Fprintln(&b, faint.Render(fmt.Sprintf("%-12s %-12s %s", "web order", "P21 order", "where it stands")))
	for _, o := range s.recent {
		line := fmt.Sprintf("%-12s %-12s %s", o.number, o.erp, o.state)
		if strings.HasPrefix(o.state, "parked") {
			line = alarm.Render(line)
		}
		fmt.Fprintln(&b, line)
	}
	return b.String()
}
