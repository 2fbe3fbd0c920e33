import { hashOfToken } from "../../../service/auth/sessionToken";
import type { Admin } from "../database/admin";
import { REQUEST_KINDS } from "../load/requestMix";
import { outcomeOf } from "../measure/measured";
import type { PhaseRecord } from "../phase";
import type { SessionCount } from "./drillReport";

/** Sessions in the table now. */
export async function sessionRows(admin: Admin): Promise<number> {
  const [row] = await admin.query<{ count: number }>("SELECT count(*)::int AS count FROM public.sessions");
  return row?.count ?? 0;
}

/**
 * Holds what clients were promised against the table, once all tasks have stopped.
 * @param rowsBefore - Sessions that were there before the run.
 */
export async function countSessions(
  admin: Admin,
  record: PhaseRecord,
  rowsBefore: number,
): Promise<SessionCount> {
  const hashes = record.load.tokens.map(hashOfToken);
  const [row] = await admin.query<{ found: number }>(
    "SELECT count(*)::int AS found FROM public.sessions WHERE token_hash = ANY($1::bytea[])",
    [hashes],
  );
  const found = row?.found ?? 0;
  const login = REQUEST_KINDS.indexOf("login");
  return {
    answered: hashes.length,
    found,
    unanswered: (await sessionRows(admin)) - rowsBefore - found,
    inDoubt: record.load.records.filter((each) => each.kind === login && outcomeOf(each) !== "ok").length,
  };
}

/** What a count says against the service: a session that was promised and is lost, or one that nobody asked for. */
export function sessionProblems({ answered, found, unanswered, inDoubt }: SessionCount): string[] {
  return [
    ...(found === answered
      ? []
      : [`${answered - found} sessions that clients were given are not in the table`]),
    ...(unanswered <= inDoubt
      ? []
      : [
          `${unanswered} sessions more than were given out are in the table, and only ${inDoubt} logins had no answer`,
        ]),
  ];
}
