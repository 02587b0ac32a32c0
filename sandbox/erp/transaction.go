package erp

import (
	"net/http"
	"slices"
	"strings"
)

// The Transaction API of the UI server: it types into a window, in the order
// of the edits, and answers 200 whether or not the window took it.

type transactionSet struct {
	Name           string
	UseCodeValues  bool
	IgnoreDisabled bool
	Transactions   []transaction
}

type transaction struct {
	Status       string
	DataElements []dataElement
}

type dataElement struct {
	Name string
	Type string
	Keys []string
	Rows []dataRow
}

type dataRow struct{ Edits []edit }

// edit is one value typed. Values are strings; anything else is refused.
type edit struct{ Name, Value string }

func (r dataRow) value(name string) string {
	for _, e := range r.Edits {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

// window is one service of the Transaction API.
type window struct {
	elements []string // the data elements it has
	save     func(e *ERP, set transactionSet, t transaction, short bool) ([]dataElement, error)
	load     func(e *ERP, key string) ([]dataElement, error)
}

func windows() map[string]window {
	return map[string]window{
		"Order":    {elements: orderElements, save: (*ERP).saveOrderWindow, load: (*ERP).loadOrderWindow},
		"Shipping": {elements: []string{shippingForm}, save: (*ERP).saveShippingWindow, load: (*ERP).loadShippingWindow},
		"ShipTo":   {elements: []string{shipToForm, shipToMail, shipToPhone}, save: (*ERP).saveShipToWindow, load: (*ERP).loadShipToWindow},
	}
}

func (e *ERP) routeUIServer(mux *http.ServeMux) {
	const base = "/uiserver0/api/v2"
	mux.HandleFunc("GET "+base+"/services", func(w http.ResponseWriter, r *http.Request) {
		var list []map[string]string
		for _, name := range sortedKeys(windows()) {
			list = append(list, map[string]string{"Name": name, "Title": name})
		}
		writeJSON(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET "+base+"/definition/{name}", definition)
	mux.HandleFunc("GET "+base+"/defaults/{name}", definition)
	mux.HandleFunc("GET "+base+"/basics/{name}", definition)
	mux.Handle("POST "+base+"/transaction", e.writes(e.transact))
	mux.Handle("POST "+base+"/transaction/get", e.reads(e.transactionGet))
}

func definition(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	win, found := windows()[name]
	if !found {
		writeJSON(w, http.StatusInternalServerError, envelope(exceptionProphet, noWindow(name)))
		return
	}
	var elements []map[string]any
	for _, element := range win.elements {
		elements = append(elements, map[string]any{"Name": element, "Keys": []string{}, "Rows": []any{}})
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"TransactionDefinition": map[string]any{"Name": name, "DataElementDefinitions": elements},
		"TransactionSet": map[string]any{"Name": name, "UseCodeValues": false,
			"Transactions": []any{map[string]any{"Status": "New", "DataElements": elements}}},
	})
}

func noWindow(name string) string {
	return "Window <<" + name + ">> is not available or user does not have permission"
}

func (e *ERP) transact(r *http.Request) reply {
	var set transactionSet
	if err := decodeNumbers(r.Body, &set); err != nil {
		return refused(err)
	}
	win, found := windows()[set.Name]
	if !found {
		return reply{status: http.StatusInternalServerError, body: envelope(exceptionProphet, noWindow(set.Name))}
	}
	if len(set.Transactions) == 0 {
		return refused(ruleError("The transaction set holds no transactions."))
	}
	answer := newAnswer(set.Name)
	for i, t := range set.Transactions {
		elements, err := e.transactOne(win, set, t, dropsLine(r))
		answer.add(i+1, elements, err)
	}
	return ok(answer)
}

func (e *ERP) transactOne(win window, set transactionSet, t transaction, short bool) ([]dataElement, error) {
	if t.Status != "New" {
		return nil, ruleError("Status " + t.Status + " is not valid.")
	}
	for _, element := range t.DataElements {
		if !slices.Contains(win.elements, element.Name) {
			return nil, ruleError("Data element " + element.Name + " does not exist in " + set.Name + ".")
		}
	}
	return win.save(e, set, t, short)
}

// transactionAnswer is the reply to a set: 200, even when it failed.
type transactionAnswer struct {
	Messages []string
	Results  struct {
		Name         string
		Transactions []transaction
	}
	Summary struct{ Succeeded, Failed, Other int }
}

func newAnswer(name string) *transactionAnswer {
	a := &transactionAnswer{Messages: []string{}}
	a.Results.Name = name
	return a
}

func (a *transactionAnswer) add(n int, elements []dataElement, err error) {
	result := transaction{Status: "Passed", DataElements: elements}
	if err != nil {
		result = transaction{Status: "Failed", DataElements: []dataElement{}}
		a.Messages = append(a.Messages, "Transaction "+itoa(n)+":: "+err.Error())
		a.Summary.Failed++
	} else {
		a.Messages = append(a.Messages, "Transaction "+itoa(n)+":: Saved.")
		a.Summary.Succeeded++
	}
	a.Results.Transactions = append(a.Results.Transactions, result)
}

func (e *ERP) transactionGet(r *http.Request) reply {
	var ask struct {
		ServiceName       string
		TransactionStates []struct {
			DataElementName string
			Keys            []edit
		}
	}
	if err := decodeNumbers(r.Body, &ask); err != nil {
		return refused(err)
	}
	win, found := windows()[ask.ServiceName]
	if !found {
		return reply{status: http.StatusInternalServerError, body: envelope(exceptionProphet, noWindow(ask.ServiceName))}
	}
	answer := newAnswer(ask.ServiceName)
	for i, state := range ask.TransactionStates {
		key := ""
		if len(state.Keys) > 0 {
			key = state.Keys[0].Value
		}
		elements, err := win.load(e, key)
		answer.add(i+1, elements, err)
	}
	return ok(answer)
}

// form makes a data element of one row.
func form(name string, pairs ...string) dataElement {
	return dataElement{Name: name, Type: "Form", Keys: []string{}, Rows: []dataRow{rowOf(pairs...)}}
}

func rowOf(pairs ...string) dataRow {
	var row dataRow
	for i := 0; i+1 < len(pairs); i += 2 {
		row.Edits = append(row.Edits, edit{pairs[i], pairs[i+1]})
	}
	return row
}

func onOff(on bool) string {
	if on {
		return "ON"
	}
	return "OFF"
}

// checkBox reads a check box: ON and OFF, or Y and N when code values are used.
func (s transactionSet) checkBox(v string) (bool, error) {
	yes, no := "ON", "OFF"
	if s.UseCodeValues {
		yes, no = "Y", "N"
	}
	switch strings.ToUpper(v) {
	case yes:
		return true, nil
	case no, "":
		return false, nil
	}
	return false, ruleError("Value " + v + " is not valid for a check box.")
}
