-- +goose Up

-- What each channel was told of what is wrong, until it was told that it is over.
CREATE TABLE alerts (
    store    TEXT NOT NULL,
    channel  TEXT NOT NULL,
    key      TEXT NOT NULL,
    severity TEXT NOT NULL,
    title    TEXT NOT NULL,
    since    TIMESTAMPTZ NOT NULL,
    told_at  TIMESTAMPTZ NOT NULL,
    gone_at  TIMESTAMPTZ, -- no longer found since
    PRIMARY KEY (store, channel, key)
);

-- The circuit breakers of every worker.
CREATE TABLE breakers (
    store   TEXT NOT NULL,
    system  TEXT NOT NULL,
    worker  TEXT NOT NULL,
    state   TEXT NOT NULL,
    since   TIMESTAMPTZ NOT NULL, -- it left the closed state, or came back to it
    seen_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (store, system, worker)
);
