-- +goose Up

-- One row for each web order: what was made of it in the ERP.
CREATE TABLE orders (
    store           TEXT NOT NULL,
    shop_order_id   TEXT NOT NULL,
    shop_number     TEXT NOT NULL,
    reference       TEXT NOT NULL,
    erp_order       TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    profile_version TEXT NOT NULL,
    erp_customer    TEXT NOT NULL,
    stage           TEXT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    updated_at      TIMESTAMP NOT NULL,
    PRIMARY KEY (store, shop_order_id)
) WITHOUT ROWID;
CREATE INDEX orders_by_erp_order ON orders (store, erp_order) WHERE erp_order <> '';
CREATE INDEX orders_by_reference ON orders (reference) WHERE reference <> '';

-- Whose customer is whose. The key is a profile id or a hash, never an e-mail address.
CREATE TABLE customers (
    store       TEXT NOT NULL,
    key         TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    contact_id  TEXT NOT NULL,
    ship_to_id  TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    updated_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (store, key)
) WITHOUT ROWID;

-- How far each poll has come.
CREATE TABLE cursors (
    name       TEXT NOT NULL PRIMARY KEY,
    position   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

-- Shipments that the shop was told of.
CREATE TABLE shipments (
    store         TEXT NOT NULL,
    pick_ticket   TEXT NOT NULL,
    shop_order_id TEXT NOT NULL,
    notified_at   TIMESTAMP NOT NULL,
    tracking      TEXT NOT NULL, -- JSON array of strings
    PRIMARY KEY (store, pick_ticket)
) WITHOUT ROWID;
CREATE INDEX shipments_by_order ON shipments (store, shop_order_id);

-- Every write to either system, and every decision of a person.
CREATE TABLE audit (
    id          INTEGER PRIMARY KEY,
    at          TIMESTAMP NOT NULL,
    store       TEXT NOT NULL,
    system      TEXT NOT NULL,
    operation   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    key         TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    actor       TEXT NOT NULL,
    detail      TEXT NOT NULL,
    duration_ms BIGINT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);

-- +goose StatementBegin
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
-- +goose StatementEnd
