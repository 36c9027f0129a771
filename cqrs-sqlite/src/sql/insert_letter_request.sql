-- ?1 view, ?2 fingerprint, ?3 request, ?4 order: JSON, ?5 now (microseconds)
INSERT INTO cqrs_letter_requests (view, fingerprint, request_id, letter_order, asked_at)
VALUES (?1, ?2, ?3, ?4, ?5);
