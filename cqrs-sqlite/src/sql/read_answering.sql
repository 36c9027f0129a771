-- ?1 view, ?2 fingerprint
--
-- Whether the table answers for itself, and the one under the plain name where its columns fit.
SELECT
    own.answers,
    serving.fingerprint
FROM cqrs_checkpoints AS own
LEFT JOIN cqrs_views AS views
    ON views.view = own.view
LEFT JOIN cqrs_checkpoints AS serving
    ON serving.view = views.view
    AND serving.fingerprint = views.fingerprint
    AND serving.shape = own.shape
    AND serving.answers
WHERE own.view = ?1
    AND own.fingerprint = ?2;
