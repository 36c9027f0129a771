-- What shall become of dead letters, and what did; the view's worker carries it out.
CREATE TABLE {schema}.letter_requests (
    number bigint GENERATED ALWAYS AS IDENTITY,
    view text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    partition integer NOT NULL,
    request_id uuid NOT NULL,
    letter_order text NOT NULL,
    asked_at timestamptz NOT NULL,
    outcome text,
    CONSTRAINT pk_letter_requests PRIMARY KEY (number),
    CONSTRAINT uq_letter_requests_request_id UNIQUE (request_id)
);

CREATE INDEX ix_letter_requests_view ON {schema}.letter_requests (view, fingerprint, partition, number);
