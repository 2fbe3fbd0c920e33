import { readFileSync } from "node:fs";
import { LabError } from "../labError";

/** A user of this machine, as `spawn` takes it. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Who may run a server that refuses to be root's, in order of preference. */
const CANDIDATES = ["postgres", "nobody"] as const;

/**
 * Whom PostgreSQL is started as: it refuses to run as root, so root starts it as `postgres`, else as `nobody`. Undefined
 * for everybody else: they start it as themselves.
 * @throws LabError when this machine has neither.
 */
export function serverAccount(
  uid: number = process.getuid?.() ?? -1,
  passwd: () => string = () => readFileSync("/etc/passwd", "utf8"),
): Account | undefined {
  if (uid !== 0) return undefined;
  const lines = passwd().split("\n");
  for (const name of CANDIDATES) {
    const [, , user, group] = lines.find((line) => line.startsWith(`${name}:`))?.split(":") ?? [];
    const found = { uid: Number(user), gid: Number(group) };
    if (found.uid > 0 && found.gid > 0) return found;
  }
  throw new LabError(
    `PostgreSQL refuses to run as root, and this machine has no user ${CANDIDATES.join(" or ")}: run the lab as another user, or give it a database with --database-url`,
  );
}
