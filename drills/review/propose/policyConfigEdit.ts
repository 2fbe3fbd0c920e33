import { InputError, isRecord } from "../../../policies/command/inputError";

const SETTINGS = "poolproof-settings";
const CONFIRMED = "confirmedMaxConnections";

/**
 * Writes what `SHOW max_connections` says of a database into a policy configuration. Of the text only the entry changes:
 * the file keeps the form its editors gave it.
 * @throws InputError where the file holds one number for every database, or no settings.
 */
export function editPolicyConfig(text: string, database: string, maxConnections: number): string {
  const settings = settingsIn(text);
  if (!isRecord(settings)) {
    throw new InputError(`the policy configuration has no "${SETTINGS}" to write ${CONFIRMED} into`);
  }
  const confirmed = settings[CONFIRMED];
  if (confirmed !== undefined && !isRecord(confirmed)) {
    throw new InputError(`${CONFIRMED} is one number for every database: make it one for each, by name`);
  }
  const entry = `${JSON.stringify(database)}: ${maxConnections}`;
  const edited = withEntry(text, database, entry, confirmed);
  const made = settingsIn(edited);
  const written = isRecord(made) ? made[CONFIRMED] : undefined;
  if (isRecord(written) && written[database] === maxConnections) return edited;
  throw new InputError(
    `write ${CONFIRMED} { ${entry} } into the policy configuration by hand: its form is unusual`,
  );
}

/** Version 2 of the format has them under `policies`. */
function settingsIn(text: string): unknown {
  const content: unknown = JSON.parse(text);
  if (!isRecord(content)) return undefined;
  const policies = typeof content.version === "number" ? content.policies : content;
  return isRecord(policies) ? policies[SETTINGS] : undefined;
}

function withEntry(
  text: string,
  database: string,
  entry: string,
  confirmed: { readonly [database: string]: unknown } | undefined,
): string {
  if (confirmed === undefined) {
    return text.replace(
      new RegExp(`("${SETTINGS}"\\s*:\\s*\\{)(\\s*)`),
      (_, open: string, space: string) => `${open}${space}"${CONFIRMED}": { ${entry} },${space}`,
    );
  }
  const own = escaped(JSON.stringify(database));
  const within = `"${CONFIRMED}"\\s*:\\s*\\{`;
  if (Object.hasOwn(confirmed, database)) {
    return text.replace(
      new RegExp(`(${within}[^}]*?)${own}\\s*:\\s*\\d+`),
      (_, before: string) => before + entry,
    );
  }
  const comma = Object.keys(confirmed).length > 0 ? "," : "";
  return text.replace(
    new RegExp(`(${within})(\\s*)`),
    (_, open: string, space: string) => `${open}${space}${entry}${comma}${space}`,
  );
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
