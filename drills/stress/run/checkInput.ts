import type { Options } from "../commandLine";
import { incidentOf } from "../incidents";
import { LabError } from "../labError";
import type { StackUnderTest } from "../settings/stackUnderTest";

/**
 * Refuses what cannot be run, or would mean nothing.
 * @throws LabError in one line.
 */
export function checkStack(stack: StackUnderTest, options: Options): void {
  const incident = incidentOf(stack.stack);
  const [finding, ...more] = stack.findings;
  if (stack.verdict === "rejected" && incident === undefined && !options.evenIfRejected) {
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    throw new LabError(
      `the policies reject ${stack.stack}, so it would never be deployed: ${finding?.rule}${others}; mend it (\`npm run check -- ${stack.stack}\`), or run it with --even-if-rejected`,
    );
  }
  const holdMs = options.holdMs ?? stack.demand.holdMs;
  const statementTimeoutMs = Number(stack.environment.DB_STATEMENT_TIMEOUT_MS);
  if (statementTimeoutMs > 0 && holdMs >= statementTimeoutMs) {
    throw new LabError(
      `a mean hold of ${holdMs} ms is not below the statement timeout of ${statementTimeoutMs} ms: PostgreSQL would cancel most statements; give a --hold-ms well below it`,
    );
  }
}
