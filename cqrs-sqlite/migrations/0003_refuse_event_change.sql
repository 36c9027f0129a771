-- An event, once appended, stays as it is.
CREATE TRIGGER cqrs_refuse_event_update
BEFORE UPDATE ON cqrs_events
BEGIN
    SELECT RAISE(ABORT, 'an event cannot be changed: append another one');
END;

CREATE TRIGGER cqrs_refuse_event_delete
BEFORE DELETE ON cqrs_events
BEGIN
    SELECT RAISE(ABORT, 'an event cannot be deleted: append another one');
END;
