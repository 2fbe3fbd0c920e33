import type { Container } from "./containers";

/** Variables that name a service or a pool to whatever reports its metrics. */
const NAMING_VARIABLES = [
  "DB_POOL_NAME",
  "POOL_NAME",
  "OTEL_SERVICE_NAME",
  "SERVICE_NAME",
  "APP_NAME",
  "DD_SERVICE",
  "SPRING_APPLICATION_NAME",
  "SPRING_DATASOURCE_HIKARI_POOL_NAME",
] as const;

/** What a metric of a client's pool may have in its dimensions: the client's names, its container's, its own. */
export function metricNames(
  names: readonly string[],
  container: Container | undefined,
  taskDefinition: string | undefined,
  pool: string | undefined,
): readonly string[] {
  const given = NAMING_VARIABLES.flatMap((variable) => {
    const value = container?.environment(variable);
    return value?.state === "known" ? [value.value] : [];
  });
  const all = [...names, container?.name, taskDefinition, pool, ...given];
  return [...new Set(all.filter((name) => name !== undefined && name !== ""))] as string[];
}
