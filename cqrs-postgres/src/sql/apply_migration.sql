-- Migration {number}.
DO $apply_migration$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM {schema}.migrations WHERE number = {number}) THEN
        EXECUTE $migration${migration}$migration$;
        INSERT INTO {schema}.migrations (number)
        VALUES ({number});
    END IF;
END
$apply_migration$;
