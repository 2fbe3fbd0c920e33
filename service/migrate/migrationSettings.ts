import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import {
  ADDRESS_VARIABLES,
  type DatabaseAddress,
  OPTIONAL_VARIABLES,
  tlsProblems,
} from "../settings/databaseSettings";
import {
  choice,
  type Environment,
  EnvironmentError,
  readTogether,
  readVariables,
  text,
} from "../settings/environment";
import { parseRoleSettings, type RoleSettings } from "./roleSettings";

/** What the migrations are told; a test holds it against what the stack sets. */
export const MIGRATION_VARIABLES = {
  ...ADDRESS_VARIABLES,
  DB_AUTH: choice(
    ["secret", "password"],
    "it says who may change the database: secret is the master user that RDS keeps, password is for a lab",
  ),
  DB_SECRET_ARN: {
    ...text("it names the master user's secret", "arn:aws:secretsmanager:…"),
    whenMissing: "",
  },
  DB_USER: { ...text("DB_AUTH=password logs in as it", "postgres"), whenMissing: "" },
  DB_ROLE_SETTINGS: {
    ...text("it is what the service's role carries", "statement_timeout=2000"),
    whenMissing: "",
  },
  ...OPTIONAL_VARIABLES,
} as const;

export interface MigrationSettings extends DatabaseAddress {
  readonly logIn:
    | { readonly kind: "secret"; readonly arn: string; readonly region: string }
    | { readonly kind: "password"; readonly user: string; readonly password: string };
  readonly roleSettings: RoleSettings;
}

/**
 * Reads what the migrations are told.
 * @throws {EnvironmentError} with every problem, one line each; never with a password
 */
export function readMigrationSettings(environment: Environment): MigrationSettings {
  const { read, roleSettings } = readTogether({
    read: () => readVariables(environment, MIGRATION_VARIABLES),
    roleSettings: () => parseRoleSettings(environment.DB_ROLE_SETTINGS ?? ""),
  });
  const isLab = read.DB_AUTH === "password";
  const needed = isLab
    ? { DB_USER: read.DB_USER, DB_PASSWORD: read.DB_PASSWORD }
    : { DB_SECRET_ARN: read.DB_SECRET_ARN, AWS_REGION: read.AWS_REGION };
  const missing = Object.entries(needed)
    .filter(([, value]) => value === "")
    .map(([name]) => `${name} is not set, but DB_AUTH is ${read.DB_AUTH}, which requires it. Set it.`);
  const problems = [...missing, ...tlsProblems(read.DB_SSL_CA, read.DB_HOST, isLab)];
  if (problems.length > 0) throw new EnvironmentError(problems);
  return {
    host: read.DB_HOST,
    port: read.DB_PORT,
    database: read.DB_NAME,
    caFile: read.DB_SSL_CA === "" ? undefined : read.DB_SSL_CA,
    logIn: isLab
      ? { kind: "password", user: read.DB_USER, password: read.DB_PASSWORD }
      : { kind: "secret", arn: read.DB_SECRET_ARN, region: read.AWS_REGION },
    roleSettings,
  };
}

/** The form in which RDS keeps a master user's secret. */
const MasterSecret = z.object({ username: z.string().min(1), password: z.string().min(1) });

/** Fetches a secret's text. */
export type FetchSecret = (arn: string, region: string) => Promise<string | undefined>;

const fetchFromAws: FetchSecret = async (arn, region) => {
  const client = new SecretsManagerClient({ region });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  return SecretString;
};

/**
 * Name and password of who changes the database. RDS rotates the secret, so it is read when it is needed.
 * @throws {EnvironmentError} when the secret is not one that RDS made; never with what is in it
 */
export async function logInOf(
  { logIn }: Pick<MigrationSettings, "logIn">,
  fetchSecret: FetchSecret = fetchFromAws,
): Promise<{ readonly user: string; readonly password: string }> {
  if (logIn.kind === "password") return { user: logIn.user, password: logIn.password };
  const secret = MasterSecret.safeParse(parsed(await fetchSecret(logIn.arn, logIn.region)));
  if (secret.success) return { user: secret.data.username, password: secret.data.password };
  throw new EnvironmentError([
    `DB_SECRET_ARN is "${logIn.arn}", whose secret has no \`username\` and \`password\`: it cannot be used to log in. Set it to the secret that RDS manages for the master user.`,
  ]);
}

function parsed(secret: string | undefined): unknown {
  try {
    return JSON.parse(secret ?? "");
  } catch {
    return undefined;
  }
}
