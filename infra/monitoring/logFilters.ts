import { databaseLog } from "./signals";

/** Counts lines of the database's log that say the same. */
export interface LogFilter {
  /** Name of the metric that it feeds, in the namespace of the stack. */
  readonly metric: string;
  /** A line that holds one of these is counted. PostgreSQL's own words, which RDS logs in English. */
  readonly phrases: readonly string[];
}

export const LOG_FILTERS: readonly LogFilter[] = [
  {
    metric: databaseLog.refused.name,
    phrases: [
      // Up to version 15 it goes on "for non-replication superuser connections", from 16 on "for roles with the
      // SUPERUSER attribute" or "for roles with privileges of the …" (InitPostgres in utils/init/postinit.c).
      "remaining connection slots are reserved",
      // InitProcess in storage/lmgr/proc.c
      "sorry, too many clients already",
      // ALTER ROLE … and ALTER DATABASE … CONNECTION LIMIT, the same files
      "too many connections for role",
      "too many connections for database",
    ],
  },
  {
    metric: databaseLog.endedIdleInTransaction.name,
    // ProcessInterrupts in tcop/postgres.c
    phrases: ["terminating connection due to idle-in-transaction timeout"],
  },
];

/**
 * CloudWatch's pattern for lines with at least one of the phrases: `?` before a term means that it or another has to
 * be there, and a term that is more than letters and digits stands in quotation marks.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws RangeError for no phrase, for one with a quotation mark or a backslash, and for a pattern above 1,024 characters.
 */
export function filterPattern(phrases: readonly string[]): string {
  const odd = phrases.find((phrase) => /["\\]/.test(phrase) || phrase.trim() === "");
  if (odd !== undefined || phrases.length === 0) {
    throw new RangeError(`a log filter cannot look for ${JSON.stringify(odd ?? "nothing")}`);
  }
  const terms = phrases.map((phrase) => `"${phrase}"`);
  // A single term after a question mark would be an alternative to nothing.
  const pattern = terms.length === 1 ? terms.join("") : terms.map((term) => `?${term}`).join(" ");
  if (pattern.length <= 1024) return pattern;
  throw new RangeError(`a log filter's pattern has ${pattern.length} characters, CloudWatch Logs takes 1024`);
}
