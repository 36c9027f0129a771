-- ?1 name of a view, ?2 name of its table: what has one of them, and the table's indexes
SELECT
    type,
    name,
    coalesce(sql, '')
FROM sqlite_schema
WHERE name = ?1 COLLATE NOCASE
    OR name = ?2
    OR (type = 'index' AND tbl_name = ?2);
