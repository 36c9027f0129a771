-- The roles that share the schema: who owns the tables, who runs applications, who only reads. Without a
-- row nothing is granted to anybody.
CREATE TABLE {schema}.roles (
    owner text COLLATE "C" NOT NULL,
    application text COLLATE "C" NOT NULL,
    reader text COLLATE "C" NOT NULL
);

CREATE UNIQUE INDEX uq_roles_single ON {schema}.roles ((TRUE));

-- Grants what the roles need of the tables and functions that there are; run after each migration.
--
-- The server may not have the roles, where the database was restored into another one.
CREATE FUNCTION {schema}.grant_rights()
RETURNS void
LANGUAGE plpgsql
VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    _application text;
    _reader text;
    _grant text;
BEGIN
    SELECT
        roles.application,
        roles.reader
    INTO _application, _reader
    FROM {schema}.roles AS roles
    WHERE to_regrole(quote_ident(roles.application)) IS NOT NULL
        AND to_regrole(quote_ident(roles.reader)) IS NOT NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    FOREACH _grant IN ARRAY ARRAY[
        'GRANT USAGE ON SCHEMA {schema}, {views} TO %1$I, %2$I',
        'GRANT SELECT ON {schema}.migrations, {schema}.log, {schema}.events, {schema}.streams,
            {schema}.events_position_seq TO %1$I, %2$I',
        'GRANT EXECUTE ON FUNCTION {schema}.read_head, {schema}.require_primary TO %1$I, %2$I',
        'GRANT EXECUTE ON FUNCTION {schema}.append_events, {schema}.append_plain_events TO %1$I',
        'GRANT SELECT, INSERT, UPDATE ON {schema}.snapshots TO %1$I',
        'GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.checkpoints, {schema}.standbys, {schema}.views, {schema}.held_events,
            {schema}.dead_letters, {schema}.letter_requests TO %1$I',
        'GRANT CREATE ON SCHEMA {views} TO %1$I'
    ] LOOP
        EXECUTE format(_grant, _application, _reader);
    END LOOP;
END
$function$;

-- Whoever is given the schema is not given its functions with it.
REVOKE ALL ON FUNCTION
    {schema}.grant_rights,
    {schema}.read_head,
    {schema}.require_primary,
    {schema}.refuse_event_change
FROM PUBLIC;
