-- +goose Up

-- With the number, what tells a web order from another to which a restored shop
-- gave the same id.
ALTER TABLE orders ADD COLUMN placed_at TIMESTAMPTZ;

-- Which versions of the mapping profile workers use.
CREATE TABLE profiles_in_use (
    store   TEXT NOT NULL,
    worker  TEXT NOT NULL,
    version TEXT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (store, worker)
);
