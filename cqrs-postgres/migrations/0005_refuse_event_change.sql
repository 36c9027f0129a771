-- An event, once appended, stays as it is.
CREATE FUNCTION {schema}.refuse_event_change()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RAISE EXCEPTION 'an event cannot be changed or deleted: append another one'
        USING ERRCODE = 'restrict_violation';
END
$function$;

CREATE TRIGGER refuse_event_change
BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.events
FOR EACH STATEMENT
EXECUTE FUNCTION {schema}.refuse_event_change();

-- Also where a session says that it only repeats what another server has done.
ALTER TABLE {schema}.events ENABLE ALWAYS TRIGGER refuse_event_change;
