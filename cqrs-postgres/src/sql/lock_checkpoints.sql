-- $1 view
--
-- Waits for the pages that are being written, and keeps others from beginning.
SELECT partition
FROM {schema}.checkpoints
WHERE view = $1
ORDER BY
    fingerprint,
    partition
FOR NO KEY UPDATE;
