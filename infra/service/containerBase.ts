import type { Settings } from "../config/settings";

export interface ContainerBaseInput {
  readonly name: string;
  readonly settings: Pick<Settings, "image">;
  readonly region: string;
  readonly environment: { readonly [name: string]: string | number };
  /** Names of variables, and the ARNs of the parameters whose values they get as the task starts. */
  readonly parameters: { readonly [name: string]: string };
  readonly logGroupName: string;
}

/** Certificates of RDS, which the image brings along. */
export const DATABASE_CERTIFICATES = "/etc/ssl/certs/rds-global-bundle.pem";

/** What every container of the stack has in common: its image, its settings as text, no rights, its log. */
export function containerBase(input: ContainerBaseInput) {
  const pairs = (values: { readonly [name: string]: string | number }, key: string) =>
    Object.entries(values).map(([name, value]) => ({ name, [key]: String(value) }));
  return {
    name: input.name,
    image: input.settings.image,
    essential: true,
    environment: pairs(input.environment, "value"),
    secrets: pairs(input.parameters, "valueFrom"),

    // Neither root, nor able to write, nor holding any capability of the kernel
    user: "10001:10001",
    privileged: false,
    readonlyRootFilesystem: true,
    linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },

    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": input.logGroupName,
        "awslogs-region": input.region,
        "awslogs-stream-prefix": input.name,
        // A slow log service must not stop logins; up to 25 MiB of lines wait, then the oldest are dropped.
        mode: "non-blocking",
        "max-buffer-size": "25m",
      },
    },
  };
}
