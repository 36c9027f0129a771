-- Lets a reader go to the last position that was drawn, whoever may still be writing before it.
DO $do$
DECLARE
    _marked text := pg_get_functiondef('cqrs.read_head'::regproc);
    _unmarked text := replace(_marked, 'least(_drawn, _held)', '_drawn');
BEGIN
    IF _unmarked = _marked THEN
        RAISE EXCEPTION 'cqrs.read_head has another mark than the torture knows';
    END IF;
    EXECUTE _unmarked;
END
$do$;
