import type { Settings } from "../config/settings";
import { DATABASE_NAME, DATABASE_PORT } from "../database/names";
import { type ParametersInput, roleSettings } from "../database/parameters";
import { containerBase, DATABASE_CERTIFICATES } from "./containerBase";

export interface MigrationContainerInput {
  readonly settings: Pick<Settings, "image" | "connection"> & ParametersInput;
  readonly region: string;
  /** ARN of the parameter with the host name of the database itself, never of a proxy. */
  readonly hostParameterArn: string;
  /** ARN of the parameter with the ARN of the master user's secret, which no plan knows. */
  readonly secretParameterArn: string;
  readonly logGroupName: string;
}

/** Connections that one run holds: one, and it makes no pool. */
export const MIGRATION_CONNECTIONS = 1;

/**
 * The container that brings the database up to date and ends, as the JSON that ECS takes: the service's image with
 * another command. A plain string, for the same reason as the service's.
 */
export function migrationContainers(input: MigrationContainerInput): string {
  const { settings, region } = input;
  const container = {
    ...containerBase({
      name: "migrate",
      settings,
      region,
      environment: {
        NODE_ENV: "production",
        AWS_REGION: region,
        DB_PORT: DATABASE_PORT,
        DB_NAME: DATABASE_NAME,
        DB_AUTH: "secret",
        DB_SSL_CA: DATABASE_CERTIFICATES,
        // Empty takes the timeouts off the role again.
        DB_ROLE_SETTINGS: roleSettings(settings),
      },
      parameters: { DB_HOST: input.hostParameterArn, DB_SECRET_ARN: input.secretParameterArn },
      logGroupName: input.logGroupName,
    }),
    command: ["node", "service/dist/migrate.js"],
  };
  return JSON.stringify([container]);
}
