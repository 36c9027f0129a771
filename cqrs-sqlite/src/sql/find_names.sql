-- ?1 name of a view, ?2 name of its table: what has one of them, and the indexes of the table and of
-- the one that is built to take its place
SELECT
    type,
    name,
    tbl_name,
    coalesce(sql, '')
FROM sqlite_schema
WHERE name = ?1 COLLATE NOCASE
    OR name = ?2
    OR (type = 'index' AND tbl_name IN (?2, ?2 || '_built'));
