package erp

import (
	"net/http"
	"strings"
)

// Handler is the middleware of the installation: tokens, the REST families,
// data services, and the UI server with its Transaction API.
func (e *ERP) Handler() http.Handler {
	root := http.NewServeMux()
	root.HandleFunc("POST /api/security/token/v2", e.tokenV2)
	root.HandleFunc("POST /api/security/token/v2/{$}", e.tokenV2)
	root.HandleFunc("POST /api/security/token/{$}", e.tokenV1)
	root.HandleFunc("POST /api/security/token", toSlash)

	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/ui/router/v1/{$}", e.router)
	mux.HandleFunc("GET /api/ui/router/v1", toSlash)
	mux.HandleFunc("GET /api/environment/systems", systems)
	mux.HandleFunc("GET /api/environment/systems/{$}", systems)
	e.routeREST(mux)
	e.routeUIServer(mux)
	mux.Handle("GET /odataservice/odata/table/{table}", e.reads(e.odata))
	mux.HandleFunc("/", noRoute)
	root.Handle("/", e.guarded(mux))
	return e.withFaults(root, middlewareError)
}

func (e *ERP) routeREST(mux *http.ServeMux) {
	e.family(mux, "/api/sales/orders", orderTemplate(e.options))
	mux.Handle("POST /api/sales/orders/{$}", e.writes(e.createOrder))
	mux.Handle("GET /api/sales/orders/{key}", e.reads(e.getOrder))

	e.family(mux, "/api/entity/customers", customerTemplate)
	mux.Handle("GET /api/entity/customers/{$}", e.reads(e.listCustomers))
	mux.Handle("POST /api/entity/customers/{$}", e.writes(e.createCustomer))
	mux.Handle("GET /api/entity/customers/{key}", e.reads(e.getCustomer))
	mux.Handle("PUT /api/entity/customers/{key}", e.writes(e.updateCustomer))

	e.family(mux, "/api/entity/contacts", contactTemplate)
	mux.Handle("GET /api/entity/contacts/{$}", e.reads(e.listContacts))
	mux.Handle("POST /api/entity/contacts/{$}", e.writes(e.createContact))
	mux.Handle("GET /api/entity/contacts/{key}", e.reads(e.getContact))
	mux.Handle("PUT /api/entity/contacts/{key}", e.writes(e.updateContact))

	e.family(mux, "/api/entity/addresses", nil)
	mux.Handle("GET /api/entity/addresses/{$}", e.reads(e.listAddresses))
	mux.Handle("POST /api/entity/addresses/{$}", e.writes(e.createAddress))
	mux.Handle("GET /api/entity/addresses/{key}", e.reads(e.getAddress))
	mux.HandleFunc("PUT /api/entity/addresses/{key}", noMethod)

	e.family(mux, "/api/inventory/parts", nil)
	mux.Handle("GET /api/inventory/parts/{$}", e.reads(e.listParts))
	mux.Handle("GET /api/inventory/parts/{key}", e.reads(e.getPart))
	mux.Handle("PUT /api/inventory/parts/{key}", e.writes(e.updatePart))

	e.family(mux, "/api/accounting/gl", nil)
	mux.Handle("POST /api/accounting/gl/{$}", e.writes(e.postJournal))
	mux.Handle("GET /api/accounting/gl/{key}", e.reads(e.getJournal))
}

// family routes what all REST families have: the redirect to the slash, ping,
// help, and the blank template where there is one.
func (e *ERP) family(mux *http.ServeMux, path string, template map[string]any) {
	mux.HandleFunc("GET "+path, toSlash)
	mux.HandleFunc("POST "+path, toSlash)
	mux.HandleFunc("GET "+path+"/ping", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"ResponseMessage": "success"})
	})
	mux.HandleFunc("GET "+path+"/help", func(w http.ResponseWriter, r *http.Request) {
		writeHTML(w, http.StatusOK, "Operations at "+path)
	})
	mux.HandleFunc("GET "+path+"/new", func(w http.ResponseWriter, r *http.Request) {
		if template == nil {
			writeJSON(w, http.StatusInternalServerError, envelope(exceptionProphet, "The template is not implemented."))
			return
		}
		writeJSON(w, http.StatusOK, template)
	})
}

func toSlash(w http.ResponseWriter, r *http.Request) {
	target := r.URL.EscapedPath() + "/"
	if r.URL.RawQuery != "" {
		target += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func noRoute(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusNotFound, map[string]string{"Message": "No HTTP resource was found that matches the request URI '" + r.URL.Path + "'."})
}

func noMethod(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusMethodNotAllowed, map[string]string{"Message": "The requested resource does not support http method '" + r.Method + "'."})
}

// router says where the UI server is: on the same host.
func (e *ERP) router(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("urlType") != "external" {
		writeJSON(w, http.StatusOK, map[string]string{"Url": "http://localhost/uiserver0"})
		return
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	writeJSON(w, http.StatusOK, map[string]string{"Url": scheme + "://" + r.Host + "/uiserver0"})
}

func systems(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, []map[string]string{{"Name": "P21 Middleware", "Version": "26.1.5950.0"}, {"Name": "P21 Database", "Version": "26.1.5950.0"}})
}

// pathClass is the path without the ids in it.
func pathClass(path string) string {
	path = strings.TrimSuffix(path, "/")
	for _, family := range []string{"/api/sales/orders", "/api/entity/customers", "/api/entity/contacts",
		"/api/entity/addresses", "/api/inventory/parts", "/api/accounting/gl", "/uiserver0/api/v2/definition"} {
		if key, found := strings.CutPrefix(path, family+"/"); found {
			if key == "ping" || key == "new" || key == "help" {
				return path
			}
			return family + "/{key}"
		}
	}
	return path
}
