-- Lets an append dawdle, or fail, when its positions are drawn and its events are not written, and once
-- more when they are written and not committed. It fails as it would for others' sake: as a deadlock's
-- victim, cancelled, or for a lock that did not come.
CREATE FUNCTION public.dawdle()
RETURNS trigger
LANGUAGE plpgsql
AS $function$
DECLARE
    _failure double precision := random();
BEGIN
    IF random() < 0.5 THEN
        PERFORM pg_sleep(random() * 0.05);
    END IF;
    CASE
        WHEN _failure < 0.01 THEN
            RAISE EXCEPTION 'given up by the torture' USING ERRCODE = 'deadlock_detected';
        WHEN _failure < 0.02 THEN
            RAISE EXCEPTION 'given up by the torture' USING ERRCODE = 'query_canceled';
        WHEN _failure < 0.03 THEN
            RAISE EXCEPTION 'given up by the torture' USING ERRCODE = 'lock_not_available';
        ELSE
            RETURN NULL;
    END CASE;
END
$function$;

CREATE TRIGGER dawdle_before BEFORE INSERT ON cqrs.events
FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle();

CREATE TRIGGER dawdle_after AFTER INSERT ON cqrs.events
FOR EACH STATEMENT EXECUTE FUNCTION public.dawdle();
