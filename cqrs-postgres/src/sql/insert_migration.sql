INSERT INTO {schema}.migrations (number)
VALUES ({number});
