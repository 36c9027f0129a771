-- What a session of our own is set to when it begins; times are in milliseconds.
SET LOCAL statement_timeout = {statement_timeout};
SET LOCAL lock_timeout = {lock_timeout};
SET LOCAL idle_in_transaction_session_timeout = {lock_timeout};
SET LOCAL jit = off;
