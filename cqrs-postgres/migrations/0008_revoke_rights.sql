-- Events get into the log by the function alone: nobody but its owner may write the tables, whatever a
-- database's default privileges say.
DO $block$
DECLARE
    _grant record;
BEGIN
    FOR _grant IN
        SELECT DISTINCT
            tables.oid::regclass AS relation,
            CASE entry.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(roles.rolname) END AS grantee
        FROM pg_catalog.pg_class AS tables
        CROSS JOIN LATERAL aclexplode(tables.relacl) AS entry
        LEFT JOIN pg_catalog.pg_roles AS roles ON roles.oid = entry.grantee
        WHERE tables.oid IN (
                '{schema}.log'::regclass,
                '{schema}.events'::regclass,
                '{schema}.streams'::regclass,
                '{schema}.events_position_seq'::regclass
            )
            AND entry.grantee <> tables.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', _grant.relation, _grant.grantee);
    END LOOP;
END
$block$;

REVOKE ALL ON FUNCTION {schema}.append_events FROM PUBLIC;
