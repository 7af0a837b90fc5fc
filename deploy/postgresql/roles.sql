-- The roles of the site. Run it once, as a superuser, in the database of the site:
-- psql --dbname=stem --file=roles.sql. Then give each a password: \password stem

-- The site writes as this one. The database belongs to it, or `migrate` could not make triggers.
CREATE ROLE stem LOGIN;
ALTER DATABASE stem OWNER TO stem;
ALTER SCHEMA public OWNER TO stem;

-- Readers are answered from replicas as this one: DATABASE_REPLICA_URLS.
CREATE ROLE stem_reader LOGIN;
GRANT pg_read_all_data TO stem_reader;

-- Replicas follow the primary as this one.
CREATE ROLE stem_replica LOGIN REPLICATION;

-- Behind PgBouncer these hold for what is asked outside of transactions. The site sets the same by
-- itself where nothing stands between it and the server.
ALTER ROLE stem SET statement_timeout = '5s';
ALTER ROLE stem SET lock_timeout = '3s';
ALTER ROLE stem SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE stem SET jit = off;
ALTER ROLE stem_reader SET statement_timeout = '5s';
ALTER ROLE stem_reader SET lock_timeout = '3s';
ALTER ROLE stem_reader SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE stem_reader SET jit = off;
