/**
 * Every number the model assumes where nothing else is set, with its reason. A stack's policy configuration may
 * replace the settings; the platform's defaults are AWS's own.
 */

/** What a team may set for itself, in the policy configuration. */
export interface CapacitySettings {
  /** How much above the declared peak a pool must still hold its wait target. At least 1. @default 1.25 */
  readonly peakFactor: number;
  /** A wait for a connection up to this long is good enough, in milliseconds. @default 50 */
  readonly waitTargetMs: number;
  /** Share of acquisitions that may wait longer than the target. @default 0.01 */
  readonly exceedance: number;
  /** Share of the usable connections that clients may claim at peak. @default 0.80 */
  readonly budgetShare: number;
  /** Connections kept for migrations, scheduled jobs and people. @default 5 */
  readonly operationsReserve: number;
  /** Whether the peak must be served with one availability zone gone. @default false */
  readonly surviveZoneLoss: boolean;
}

export const DEFAULT_CAPACITY_SETTINGS: CapacitySettings = {
  // A quarter more than was declared: demand is measured after the fact, and grows between measurements.
  peakFactor: 1.25,
  // Half of the 100 ms that a person perceives as instant (J. Nielsen, Usability Engineering, 1993, chapter 5).
  waitTargetMs: 50,
  // The 99th percentile of the wait: the percentile that service objectives are usually written for.
  exceedance: 0.01,
  // Public peers use 0.80 (headroom's warning) to 0.85 (mitodl); AWS's agent toolkit advises a proxy above 0.80.
  budgetShare: 0.8,
  // One migration task with a small pool, one scheduled job, two people with a console.
  operationsReserve: 5,
  // Off, because the declared tasks at peak usually say already what is left when it matters.
  surviveZoneLoss: false,
};

/** Acquisitions one request makes when no tag says so. */
export const DEFAULT_ACQUISITIONS_PER_REQUEST = 1;

/** Processes in one task when neither environment nor configuration says so. */
export const DEFAULT_PROCESSES_PER_TASK = 1;

/** ECS `maximumPercent` when unset (AWS: Amazon ECS service deployment, rolling update). */
export const ECS_DEFAULT_MAXIMUM_PERCENT = 200;

/** ECS `minimumHealthyPercent` when unset (same page). */
export const ECS_DEFAULT_MINIMUM_HEALTHY_PERCENT = 100;

/**
 * Seconds from the start of a task to its first health check, where nothing says more: pulling the image and starting the
 * process. A task that is quicker lets a rolling deployment replace more tasks within one drain.
 */
export const TASK_START_SECONDS = 30;

/** `superuser_reserved_connections`: 3 in PostgreSQL, and RDS does not let it be changed. */
export const POSTGRES_SUPERUSER_RESERVED_CONNECTIONS = 3;

/** `rds.rds_superuser_reserved_connections` when the parameter group does not set it. */
export const RDS_SUPERUSER_RESERVED_CONNECTIONS = 2;

/** `reserved_connections` (PostgreSQL 16 and later) when the parameter group does not set it. */
export const POSTGRES_RESERVED_CONNECTIONS = 0;

/**
 * Sessions RDS itself keeps open. Observed, not documented: an instance with `max_connections` 5000 stuck at 4989
 * client connections (5000 − 5 − 6, mitodl/ol-infrastructure). No figure was found for MySQL and MariaDB, so the
 * same number is assumed there, and for Aurora, whose guide asks to leave "at least 3" for AWS's automation and gives
 * no upper figure (Aurora User Guide, AuroraPostgreSQL.Managing).
 */
export const RDS_OWN_SESSIONS = 6;

/**
 * MySQL and MariaDB let one administrator in above `max_connections`: that slot is on top, not withheld. Whether
 * the person who has to look has the privilege for it depends on engine and version (RDS gives its master user no
 * SUPER), so one slot inside the limit is kept for them.
 */
export const MYSQL_ADMINISTRATOR_CONNECTIONS = 1;

/**
 * The client's query timeout must come this much after the server's statement timeout, in milliseconds. At
 * equality the client may hand back a connection on which the server is still at work.
 */
export const QUERY_TIMEOUT_MARGIN_MS = 100;
