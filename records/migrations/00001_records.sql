-- +goose Up
CREATE TABLE orders (
    store           TEXT NOT NULL,
    shop_order_id   TEXT NOT NULL,
    shop_number     TEXT NOT NULL DEFAULT '',
    reference       TEXT NOT NULL DEFAULT '',
    erp_order       TEXT NOT NULL DEFAULT '',
    erp_customer    TEXT NOT NULL DEFAULT '',
    fingerprint     TEXT NOT NULL DEFAULT '',
    profile_version TEXT NOT NULL DEFAULT '',
    stage           TEXT NOT NULL DEFAULT '',
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (store, shop_order_id)
);
CREATE INDEX orders_by_erp ON orders (store, erp_order);

CREATE TABLE customers (
    store       TEXT NOT NULL,
    customer_key TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    contact_id  TEXT NOT NULL DEFAULT '',
    ship_to_id  TEXT NOT NULL DEFAULT '',
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (store, customer_key)
);

CREATE TABLE cursors (
    name       TEXT PRIMARY KEY,
    position   TEXT NOT NULL,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE shipments (
    pick_ticket   TEXT PRIMARY KEY,
    store         TEXT NOT NULL,
    shop_order_id TEXT NOT NULL,
    tracking      TEXT NOT NULL DEFAULT '',
    notified_at   BIGINT NOT NULL
);

-- Every write to either system, and every decision by a person. Rows are only added.
CREATE TABLE audit (
    at          BIGINT NOT NULL,
    store       TEXT NOT NULL,
    system      TEXT NOT NULL,
    operation   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    subject_key TEXT NOT NULL DEFAULT '',
    outcome     TEXT NOT NULL,
    actor       TEXT NOT NULL,
    detail      TEXT NOT NULL DEFAULT '',
    duration_ms BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX audit_by_subject ON audit (subject, at);

-- +goose Down
DROP TABLE audit;
DROP TABLE shipments;
DROP TABLE cursors;
DROP TABLE customers;
DROP TABLE orders;
