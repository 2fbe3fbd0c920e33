import { type PropertyMap, type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { limitTo } from "../../../auroraPlan";
import { DATABASE, GROUP, type Sample } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, GROUP);

const set = (values: PropertyMap, engineVersion: PropertyValue = "17"): Partial<Sample> => ({
  database: { engineVersion },
  parameters: [
    ...limitTo("400"),
    ...Object.entries(values).map(([name, value]): PropertyMap => ({ name, value })),
  ],
});
const logs = (...enabledCloudwatchLogsExports: readonly string[]) => ({
  database: { enabledCloudwatchLogsExports },
});
const mysql = (...enabledCloudwatchLogsExports: readonly string[]) => ({
  database: { engine: "mysql", engineVersion: "8.4", enabledCloudwatchLogsExports },
});

export const CONNECTION_LOGGING = [
  given("The group logs and the log is exported"),
  given("One switch is off", set({ log_lock_waits: "0" })).violates("log_lock_waits"),
  given("Two switches are off", set({ log_connections: "0", log_disconnections: "0" })).violates(
    "log_connections, log_disconnections",
  ),
  given(
    "Two switches are off in different spellings",
    set({ log_connections: "0", log_lock_waits: "off" }),
  ).violates("log_connections, log_lock_waits"),
  given("PostgreSQL 18 logs all aspects", set({ log_connections: "all" }, "18")),
  given("PostgreSQL 18 logs some aspects", set({ log_connections: "receipt,authentication" }, "18")),
  given(
    "PostgreSQL 18 logs aspects with spaces and capitals",
    set({ log_connections: "receipt, Authorization" }, "18"),
  ),
  given("PostgreSQL 18 has a switch that is on", set({ log_connections: "1" }, "18")),
  given("PostgreSQL 18 logs no aspect", set({ log_connections: "" }, "18")).violates("log_connections"),
  given("PostgreSQL 18 has a switch that is off", set({ log_connections: "off" }, "18")).violates(
    "log_connections",
  ),
  given(
    "PostgreSQL 18 logs an aspect that it does not have",
    set({ log_connections: "receipt,everything" }, "18"),
  ).malformed("parameters.log_connections"),
  given(
    "PostgreSQL 18 logs an aspect that it does not have first",
    set({ log_connections: "everything,receipt" }, "18"),
  ).malformed("parameters.log_connections"),
  given("PostgreSQL 17 has a switch that is on", set({ log_connections: "on" })),
  given("PostgreSQL 17 has all aspects", set({ log_connections: "all" })).malformed(
    "parameters.log_connections",
  ),
  given("PostgreSQL 17 has one aspect", set({ log_connections: "receipt" })).malformed(
    "parameters.log_connections",
  ),
  given("PostgreSQL of a hidden version has all aspects", set({ log_connections: "all" }, UNKNOWN)),
  given("A switch is hidden", set({ log_disconnections: UNKNOWN })).undecided(
    "parameters.log_disconnections",
  ),
  given("Another log is exported", logs("upgrade")).finds(DATABASE, "upgrade"),
  given("Two other logs are exported", logs("upgrade", "iam")).finds(DATABASE, "upgrade, iam"),
  given("No log is exported", logs()).finds(DATABASE, ""),
  given("MySQL exports its error log", mysql("error")),
  given("MySQL exports another log", mysql("slowquery")).finds(DATABASE, "slowquery"),
  given("MySQL has PostgreSQL's switches", { ...set({ log_connections: "0" }), ...mysql("error") }),
  given("The engine is a number", { ...set({ log_connections: "0" }), database: { engine: 7 } }),
  given(
    "The database is described",
    {},
    {
      databases: [{ name: "elsewhere", engine: "postgres", maxConnections: 100 }],
    },
  ),
];
