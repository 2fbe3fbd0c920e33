import { EnvironmentError } from "../settings/environment";

/** What a role may carry in the place of a client behind a proxy, all in milliseconds. */
const NAMES = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"] as const;
type Name = (typeof NAMES)[number];

export type RoleSettings = { readonly [name in Name]?: number };

/**
 * Reads `statement_timeout=2000,lock_timeout=1500`: numbers for known names alone, since they become SQL.
 * @throws {EnvironmentError} naming the part that is wrong
 */
export function parseRoleSettings(text: string): RoleSettings {
  const parts = text.split(",").map((part) => part.trim());
  return Object.fromEntries(
    parts
      .filter((part) => part !== "")
      .map((part) => {
        const [, name, value] = /^(\w+)=(\d{1,9})$/.exec(part) ?? [];
        const known = NAMES.find((each) => each === name);
        if (known !== undefined && value !== undefined) return [known, Number(value)];
        throw new EnvironmentError([
          `DB_ROLE_SETTINGS has "${part}", but each part must be NAME=MILLISECONDS with one of ${NAMES.join(", ")}. Set it, for example, to statement_timeout=2000,lock_timeout=1500.`,
        ]);
      }),
  );
}

/** Statements that make a role carry exactly these: what is not named goes back to the server's own value. */
export function roleStatements(role: string, settings: RoleSettings): readonly string[] {
  const quoted = `"${role.replaceAll('"', '""')}"`;
  return NAMES.map((name) => {
    const value = settings[name];
    return value === undefined
      ? `ALTER ROLE ${quoted} RESET ${name}`
      : `ALTER ROLE ${quoted} SET ${name} = ${value}`;
  });
}
