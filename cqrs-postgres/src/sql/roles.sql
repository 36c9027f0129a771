-- Roles of least privilege for the schema {schema}. None of them can log in; logins are members:
--
--   CREATE ROLE … LOGIN PASSWORD '…' IN ROLE {application};
--   ALTER ROLE … SET role = '{application}';
--
-- The second line lets all logins of an application own the tables of its views together. The same with
-- {owner} is for whoever runs the migrations.
--
-- Run it after the migrations, as a superuser, or as the owner of the tables who may also create roles and
-- schemas. It can be run again, also after a restore into another server.
BEGIN;

DO $roles$
DECLARE
    _role text;
    _is_superuser CONSTANT boolean := (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user);
BEGIN
    FOREACH _role IN ARRAY ARRAY['{owner}', '{application}', '{reader}'] LOOP
        IF to_regrole(_role) IS NULL THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', _role);
        END IF;
        -- Tables can be given only to a role that one may become.
        IF NOT _is_superuser AND current_user <> _role THEN
            EXECUTE format('GRANT %I TO %I', _role, current_user);
        END IF;
    END LOOP;
END
$roles$;

ALTER SCHEMA {schema} OWNER TO {owner};
ALTER SCHEMA {views} OWNER TO {owner};
GRANT USAGE, CREATE ON SCHEMA {views} TO {application};

-- The log and what belongs to it is the owner's; the tables of views are the application's.
DO $owners$
DECLARE
    _change text;
BEGIN
    FOR _change IN
        SELECT format(
            'ALTER TABLE %s OWNER TO %I',
            tables.oid::regclass,
            CASE tables.relnamespace WHEN '{schema}'::regnamespace THEN '{owner}' ELSE '{application}' END
        )
        FROM pg_catalog.pg_class AS tables
        WHERE tables.relnamespace IN ('{schema}'::regnamespace, '{views}'::regnamespace)
            AND tables.relkind IN ('r', 'v')
        UNION ALL
        SELECT format('ALTER FUNCTION %s OWNER TO {owner}', functions.oid::regprocedure)
        FROM pg_catalog.pg_proc AS functions
        WHERE functions.pronamespace = '{schema}'::regnamespace
    LOOP
        EXECUTE _change;
    END LOOP;
END
$owners$;

-- Roles that were given before under other names lose what they had.
DO $former$
DECLARE
    _former text;
    _change text;
BEGIN
    FOR _former IN
        SELECT former.role
        FROM {schema}.roles AS roles
        CROSS JOIN LATERAL (VALUES (roles.application), (roles.reader)) AS former (role)
        WHERE to_regrole(quote_ident(former.role)) IS NOT NULL
            AND former.role NOT IN ('{owner}', '{application}', '{reader}')
    LOOP
        FOREACH _change IN ARRAY ARRAY[
            'REVOKE ALL ON ALL TABLES IN SCHEMA {schema}, {views} FROM %I',
            'REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema}, {views} FROM %I',
            'REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema}, {views} FROM %I',
            'REVOKE ALL ON SCHEMA {schema}, {views} FROM %I'
        ] LOOP
            EXECUTE format(_change, _former);
        END LOOP;
    END LOOP;
END
$former$;

DELETE FROM {schema}.roles;

INSERT INTO {schema}.roles (owner, application, reader)
VALUES ('{owner}', '{application}', '{reader}');

DO $grant_rights$
BEGIN
    PERFORM {schema}.grant_rights();
END
$grant_rights$;

-- A view that is built anew is to be read as the one before.
GRANT SELECT ON ALL TABLES IN SCHEMA {views} TO {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {application} IN SCHEMA {views} GRANT SELECT ON TABLES TO {reader};

COMMIT;
