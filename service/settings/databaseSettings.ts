import {
  choice,
  type Environment,
  EnvironmentError,
  readVariables,
  text,
  type VariableSpec,
  wholeNumber,
} from "./environment";

/** Where the database is. */
export const ADDRESS_VARIABLES = {
  DB_HOST: text("it is the address of the database", "database.example"),
  DB_PORT: {
    schema: wholeNumber(1, 65_535),
    expected: "a port from 1 to 65535",
    consequence: "it is the port of the database",
    example: "5432",
  },
  DB_NAME: text("it is the database that holds the accounts", "auth"),
} as const;

export const DATABASE_VARIABLES = {
  ...ADDRESS_VARIABLES,
  DB_USER: text("it is the role to log in as", "auth_app"),
  DB_AUTH: choice(["iam", "password"], "it selects the authentication: iam in the cloud, password in a lab"),
  DB_POOL_NAME: text("the pool's metrics have it as a dimension, and the alarms use it", "auth-prod"),
} as const;

const OPTIONAL = { whenMissing: "" } as const;
/** Which of these have to be set depends on how the service logs in. */
export const OPTIONAL_VARIABLES = {
  AWS_REGION: { ...text("IAM tokens are signed for it", "eu-west-1"), ...OPTIONAL },
  DB_SSL_CA: {
    ...text("the server's certificate is verified with it", "/etc/ssl/certs/rds-global-bundle.pem"),
    ...OPTIONAL,
  },
  DB_PASSWORD: {
    ...text("DB_AUTH=password logs in with it", "the role's password"),
    secret: true,
    ...OPTIONAL,
  },
} as const satisfies { readonly [name: string]: VariableSpec<string> };

/** How the service logs in. */
export type Credentials =
  /** A token of IAM for each connection; no secret exists. */
  | { readonly kind: "iam"; readonly region: string }
  /** For a database of one's own: labs and tests. */
  | { readonly kind: "password"; readonly password: string };

/** Where a database is, and how it is reached safely. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** File with the certificates that the server's is verified with; undefined is plain text, on this machine alone. */
  readonly caFile: string | undefined;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\/.*)$/;

export interface DatabaseSettings extends DatabaseAddress {
  readonly user: string;
  readonly credentials: Credentials;
  readonly poolName: string;
}

/** What is wrong with doing without TLS; empty where nothing is. */
export function tlsProblems(caFile: string, host: string, isLab: boolean): readonly string[] {
  if (caFile !== "" || (isLab && LOOPBACK.test(host))) return [];
  return [
    "DB_SSL_CA is not set: without TLS, traffic to the database can be read on the network. Set it to a file with the database's certificate authorities, for example /etc/ssl/certs/rds-global-bundle.pem. It can be empty only with DB_AUTH=password and a local database.",
  ];
}

/**
 * Reads where the database is and how to log in.
 * @throws {EnvironmentError} with every problem, one line each; never with the password
 */
export function readDatabaseSettings(environment: Environment): DatabaseSettings {
  const read = readVariables(environment, DATABASE_VARIABLES);
  const { AWS_REGION, DB_SSL_CA, DB_PASSWORD } = readVariables(environment, OPTIONAL_VARIABLES);
  const problems: string[] = [];
  if (read.DB_AUTH === "iam" && AWS_REGION === "") {
    problems.push(
      "AWS_REGION is not set, but DB_AUTH is iam: tokens are signed for a region. Set it, for example, to eu-west-1.",
    );
  }
  if (read.DB_AUTH === "iam" && DB_PASSWORD !== "") {
    problems.push("DB_PASSWORD is set, but DB_AUTH is iam: a password is not used with tokens. Remove it.");
  }
  if (read.DB_AUTH === "password" && DB_PASSWORD === "") {
    problems.push("DB_PASSWORD is not set, but DB_AUTH is password. Set it to the password of DB_USER.");
  }
  problems.push(...tlsProblems(DB_SSL_CA, read.DB_HOST, read.DB_AUTH === "password"));
  if (problems.length > 0) throw new EnvironmentError(problems);
  return {
    host: read.DB_HOST,
    port: read.DB_PORT,
    database: read.DB_NAME,
    user: read.DB_USER,
    credentials:
      read.DB_AUTH === "iam"
        ? { kind: "iam", region: AWS_REGION }
        : { kind: "password", password: DB_PASSWORD },
    caFile: DB_SSL_CA === "" ? undefined : DB_SSL_CA,
    poolName: read.DB_POOL_NAME,
  };
}
