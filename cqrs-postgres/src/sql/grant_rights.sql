-- What the migrations have made is granted to the roles, where there are any.
DO $grant_rights$
BEGIN
    PERFORM {schema}.grant_rights();
END
$grant_rights$;
