-- $1 view, $2 fingerprint
--
-- Whether the table answers for its own schema, and what answers where it does not: itself, as long as it
-- may have passed by events that it follows since, or the table under the plain name where that one's
-- columns fit.
SELECT
    bool_and(own.answers AND own.added = '{}'),
    CASE WHEN bool_and(own.answers) THEN own.fingerprint ELSE max(serving.fingerprint) END
FROM {schema}.checkpoints AS own
LEFT JOIN {schema}.views AS views
    ON views.view = own.view
LEFT JOIN {schema}.checkpoints AS serving
    ON serving.view = views.view
    AND serving.fingerprint = views.fingerprint
    AND serving.shape = own.shape
    AND serving.answers
WHERE own.view = $1
    AND own.fingerprint = $2
GROUP BY own.fingerprint;
