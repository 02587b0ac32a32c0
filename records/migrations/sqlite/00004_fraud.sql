-- +goose Up

-- Banks tell charge-backs by the number that the customer saw.
CREATE INDEX orders_by_number ON orders (store, shop_number) WHERE shop_number <> '';

-- On which terms a customer buys in the ERP; empty when that is not known.
ALTER TABLE customers ADD COLUMN terms TEXT NOT NULL DEFAULT '';

-- Which order came with which key: what velocity is counted from. Keys are hashes
-- with a secret that is not kept here. Times are microseconds since 1970, amounts
-- ten-thousandths of the currency's unit.
CREATE TABLE velocity (
    hash            TEXT NOT NULL,
    at              BIGINT NOT NULL,
    reference       TEXT NOT NULL,
    kind            TEXT NOT NULL,
    amount          BIGINT NOT NULL,
    crowd           BOOLEAN NOT NULL, -- unrelated orders share the key
    charged_back_at BIGINT, -- since when it is known
    PRIMARY KEY (hash, at, reference)
) WITHOUT ROWID;
CREATE INDEX velocity_by_order ON velocity (reference, kind);
CREATE INDEX velocity_by_time ON velocity (at);
CREATE INDEX velocity_charged_back ON velocity (hash, charged_back_at) WHERE charged_back_at IS NOT NULL;

-- Sums of the keys that unrelated orders share, by the hour: a store has too many
-- orders to be counted one by one.
CREATE TABLE velocity_hours (
    hash   TEXT NOT NULL,
    hour   BIGINT NOT NULL, -- since 1970
    orders BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (hash, hour)
) WITHOUT ROWID;

-- Orders that were charged back, whether or not we met them.
CREATE TABLE charge_backs (
    reference TEXT NOT NULL PRIMARY KEY,
    known_at  BIGINT NOT NULL
) WITHOUT ROWID;

-- What every order's score was made from when it was decided on: later models
-- learn from it. Nothing in it is personal; owner is a key as above.
CREATE TABLE risk_features (
    reference  TEXT NOT NULL PRIMARY KEY,
    store      TEXT NOT NULL,
    placed_at  BIGINT NOT NULL,
    amount     BIGINT NOT NULL,
    owner      TEXT NOT NULL,
    features   TEXT NOT NULL, -- JSON: name to value
    score      DOUBLE PRECISION NOT NULL,
    outcome    TEXT NOT NULL,
    shadow     BOOLEAN NOT NULL,
    model      TEXT NOT NULL,
    policy     TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX risk_features_by_time ON risk_features (placed_at);
