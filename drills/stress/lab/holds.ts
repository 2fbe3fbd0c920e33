import { InputError } from "../../../policies/kit/errors";
import { type Admin, SERVICE_ROLE } from "./admin";

/** Schema of what exists in the lab alone. */
const LAB_SCHEMA = "lab";

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
export const HOLD_SQL = `
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

GRANT USAGE ON SCHEMA lab TO ${SERVICE_ROLE};
GRANT SELECT (id, username, password_hash) ON lab.users TO ${SERVICE_ROLE};
GRANT SELECT, INSERT, DELETE ON lab.sessions TO ${SERVICE_ROLE};
ALTER ROLE ${SERVICE_ROLE} SET search_path = lab, public;
`;

/** Undoes `HOLD_SQL`, in a database that outlives the lab. */
export const UNHOLD_SQL = `
DROP TRIGGER IF EXISTS hold ON public.sessions;
DROP SCHEMA IF EXISTS ${LAB_SCHEMA} CASCADE;
`;

/** Sets how long the lab's database holds a connection, and tells what it has drawn. */
export class Holds {
  private overheadMs = 0;

  constructor(
    private readonly admin: Admin,
    /** Mean time from acquire to release that is wanted. */
    readonly meanMs: number,
    private readonly seed: number,
  ) {}

  /** What an acquisition costs without any hold, as far as it has been measured. */
  get measuredOverheadMs(): number {
    return this.overheadMs;
  }

  /**
   * Sets the holds for what follows, and starts their sequence anew.
   * @throws InputError when an acquisition costs as much as the whole hold already.
   */
  async set(overheadMs: number): Promise<void> {
    const sleeps = sleepDistribution(this.meanMs, overheadMs);
    if (sleeps === undefined) {
      throw new InputError(
        `a mean hold of ${this.meanMs} ms cannot be made here: an acquisition takes ${overheadMs.toFixed(1)} ms on this machine without any hold; give a longer one with --hold-ms, or a smaller load with --scale or --rate`,
      );
    }
    this.overheadMs = overheadMs;
    await this.admin.query("UPDATE lab.hold_setting SET seed = $1, share = $2, scale_ms = $3", [
      this.seed,
      sleeps.share,
      sleeps.scaleMs,
    ]);
    await this.admin.query("SELECT setval('lab.holds', 1, false)");
  }

  /** How many have been drawn since `set`. */
  async position(): Promise<number> {
    const [row] = await this.admin.query<{ position: string }>(
      "SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS position FROM lab.holds",
    );
    return Number(row?.position ?? 0);
  }

  /** Mean of the sleeps drawn between two positions, in ms: exact, since the n-th is a function of n. */
  async meanSleepMs(from: number, to: number): Promise<number> {
    const [row] = await this.admin.query<{ mean: number | null }>(
      "SELECT avg(lab.hold_ms(n)) AS mean FROM generate_series($1::bigint + 1, $2::bigint) AS n",
      [from, to],
    );
    return row?.mean ?? Number.NaN;
  }
}

/** How the lab's database sleeps: not at all, or for an exponential time. */
interface SleepDistribution {
  /** Share of statements that sleep, from 0 to 1. */
  readonly share: number;
  /** Mean of those sleeps. */
  readonly scaleMs: number;
}

/**
 * The sleeps with which an acquisition that costs `overheadMs` by itself has the mean and the variance of an exponential
 * distribution: what a queue's waits depend on (Pollaczek and Khinchine for one server; nearly so for several).
 *
 * Sleeping for an exponential time of the mean that is left would vary too little, since the cost is the same each time: at a
 * cost of a quarter of the mean 0.56 of the variance, and waits a fifth too short. So a share of the statements
 * does not sleep, and the others sleep for longer: with the mean μ = S − o that is left, a scale of (S² + μ²)/2μ gives
 * the variance S².
 * @returns undefined when the cost alone is as long as the mean that is wanted.
 */
export function sleepDistribution(meanMs: number, overheadMs: number): SleepDistribution | undefined {
  if (!(meanMs > overheadMs)) return undefined;
  const left = meanMs - Math.max(0, overheadMs);
  const scaleMs = (meanMs ** 2 + left ** 2) / (2 * left);
  return { scaleMs, share: left / scaleMs };
}
