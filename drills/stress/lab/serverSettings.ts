/** One parameter of the stack's parameter group. */
export interface GroupParameter {
  readonly name: string;
  readonly value: string;
}

/** A parameter group as far as a plain PostgreSQL can take it. */
export interface ServerSettings {
  readonly applied: readonly GroupParameter[];
  /** What is not as it is on RDS, each with the reason, for the report. */
  readonly notReproduced: readonly string[];
}

/** What the lab's own server adds; none of it is what the stack is judged by. */
const LABS_OWN: readonly GroupParameter[] = [
  // The data is thrown away: what a commit costs belongs to the declared hold time, not to this machine's disk.
  { name: "fsync", value: "off" },
  { name: "full_page_writes", value: "off" },
  // No neighbour of this machine waits for a checkpoint or a vacuum while a measurement runs.
  { name: "checkpoint_timeout", value: "1h" },
  { name: "autovacuum", value: "off" },
  { name: "jit", value: "off" },
];

/**
 * Sorts a parameter group into what is applied and what cannot be.
 * @param maxConnections - What the policies make of the group's `max_connections`, for a formula.
 */
export function serverSettings(
  parameters: readonly GroupParameter[],
  maxConnections: number | null,
): ServerSettings {
  const applied: GroupParameter[] = [];
  const notReproduced: string[] = [];
  for (const { name, value } of parameters) {
    if (name.startsWith("rds.")) {
      notReproduced.push(
        `${name}=${value}: RDS's own, no PostgreSQL elsewhere knows it${atHome[name] ?? ""}`,
      );
    } else if (!value.includes("{")) {
      applied.push({ name, value });
    } else if (name === "max_connections" && maxConnections !== null) {
      applied.push({ name, value: String(maxConnections) });
      notReproduced.push(`max_connections=${value}: ${maxConnections} is the model's estimate of it`);
    } else {
      notReproduced.push(`${name}=${value}: computed from the memory of the instance class`);
    }
  }
  return { applied, notReproduced: [...notReproduced, ...NEVER_REPRODUCED] };
}

/** What the lab does in place of a parameter of RDS's own. */
const atHome: { readonly [parameter: string]: string } = {
  "rds.force_ssl": " (the lab's server refuses connections without TLS in pg_hba.conf)",
};

/** What no parameter says and a laptop does not have. */
const NEVER_REPRODUCED: readonly string[] = [
  "IAM authentication: the lab's role has a password",
  "the sessions that RDS keeps for itself (about 6), and rds.rds_superuser_reserved_connections (2)",
  "the instance's vCPU, memory, disk and network: what they cost is inside the declared hold time, which the lab makes",
  "durability: the lab's server does not wait for its disk (fsync off)",
];

/** The settings as `postgres -c name=value` takes them. */
export function asArguments({ applied }: ServerSettings): string[] {
  return [...LABS_OWN, ...applied].flatMap(({ name, value }) => ["-c", `${name}=${value}`]);
}
