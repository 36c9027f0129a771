-- A page finds its rows by key: a plan that was made while the table was empty would outlive that.
SET LOCAL enable_seqscan = off;
SET LOCAL enable_hashjoin = off;
SET LOCAL enable_mergejoin = off;
