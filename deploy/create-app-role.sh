#!/bin/sh
# Run once by the PostgreSQL container: the platform's role owns its database and is bound by row-level security.
set -e
psql --set ON_ERROR_STOP=1 --set password="$APP_DATABASE_PASSWORD" --username "$POSTGRES_USER" <<'SQL'
CREATE ROLE app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD :'password';
CREATE DATABASE app OWNER app;
SQL
