/** Schema of what exists in the lab alone. */
export const LAB_SCHEMA = "lab";

/**
 * Makes every statement of the service hold its connection, for a time drawn from a seeded distribution.
 *
 * The service's role finds views of the lab's ahead of the tables (`search_path`), and their condition sleeps: an
 * uncorrelated sub-select runs once a statement, rows or no rows, and leaves the view updatable. A trigger does it for
 * inserts. `statement_timestamp()` tells statements apart, so that one which reads and inserts holds once.
 *
 * The n-th hold of a run is a function of seed and n (an MD5 of both as a number from 0 up to 1, since PostgreSQL's own
 * hash functions spread neighbours unevenly). What an acquisition costs without any sleep (round trips, the query itself)
 * is taken off again, see `sleepDistribution`.
 */
export function holdSql(role: string): string {
  return `
CREATE SCHEMA ${LAB_SCHEMA};
CREATE TABLE lab.hold_setting (seed bigint NOT NULL, share float8 NOT NULL, scale_ms float8 NOT NULL);
INSERT INTO lab.hold_setting VALUES (1, 1, 0);
CREATE SEQUENCE lab.holds;

CREATE FUNCTION lab.hold_ms(n bigint) RETURNS float8 LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN u < share THEN -ln(1 - u / share) * scale_ms ELSE 0 END
  FROM lab.hold_setting, LATERAL (SELECT ('x' || left(md5(seed || ':' || n), 13))::bit(52)::bigint / 4503599627370496.0::float8 AS u) AS draw
$$;

CREATE FUNCTION lab.hold() RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER
  SET search_path = pg_catalog AS $$
BEGIN
  IF current_setting('lab.held_at', true) IS DISTINCT FROM statement_timestamp()::text THEN
    PERFORM set_config('lab.held_at', statement_timestamp()::text, false);
    PERFORM pg_sleep(lab.hold_ms(nextval('lab.holds')) / 1000);
  END IF;
  RETURN true;
END
$$;

CREATE FUNCTION lab.hold_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lab.hold();
  RETURN NULL;
END
$$;

CREATE VIEW lab.users AS SELECT * FROM public.users WHERE (SELECT lab.hold());
CREATE VIEW lab.sessions AS SELECT * FROM public.sessions WHERE (SELECT lab.hold());
CREATE TRIGGER hold BEFORE INSERT ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION lab.hold_insert();

GRANT USAGE ON SCHEMA lab TO ${role};
GRANT SELECT (id, username, password_hash) ON lab.users TO ${role};
GRANT SELECT, INSERT, DELETE ON lab.sessions TO ${role};
ALTER ROLE ${role} SET search_path = lab, public;
`;
}

/** Undoes `holdSql`, in a database that outlives the lab. */
export const UNHOLD_SQL = `
DROP TRIGGER IF EXISTS hold ON public.sessions;
DROP SCHEMA IF EXISTS ${LAB_SCHEMA} CASCADE;
`;
