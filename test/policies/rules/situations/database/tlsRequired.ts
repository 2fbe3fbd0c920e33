import { type PropertyValue, UNKNOWN } from "../../../../../policies/plan/plan";
import { limitTo } from "../../../auroraPlan";
import { PROXY, REPORTS, secondDatabase, throughProxy } from "../../../sampleClients";
import { DATABASE, environment, GROUP, resource, type Sample, SERVICE, urn } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn(null, GROUP);

const set = (name: string, value: PropertyValue): Pick<Sample, "parameters"> => ({
  parameters: [...limitTo("400"), { name, value }],
});
const runs = (engine: PropertyValue, engineVersion: PropertyValue): Partial<Sample> => ({
  database: { engine, engineVersion },
});
const variable = (name: string, value: string) => ({ environment: environment({ [name]: value }) });
const aurora = (engineVersion: string) => ({
  extra: [
    resource("aws:rds/cluster:Cluster", "orders", {
      clusterIdentifier: "orders",
      engine: "aurora-postgresql",
      engineVersion,
    }),
  ],
});
const proxied = (requireTls: PropertyValue) => throughProxy({}, { proxy: { requireTls } });
/** A proxy that says nothing of TLS. */
const silent = throughProxy();
const silentProxy = (silent.extra ?? []).map((each) => {
  const { requireTls: _, ...others } = each.properties;
  return each.urn === PROXY ? { ...each, properties: others } : each;
});
const DESCRIBED = { databases: [{ name: "elsewhere", maxConnections: 100 }] };
const made = resource(
  "aws:rds/instance:Instance",
  "reports",
  { engine: "postgres", engineVersion: UNKNOWN },
  { engineVersion: [urn("aws:ssm/parameter:Parameter", "version")] },
);

export const TLS_REQUIRED = [
  given("PostgreSQL 15 requires it by default", runs("postgres", "15.7")),
  given("PostgreSQL 14 does not require it by default", runs("postgres", "14.12")).violates(0, [1, 1]),
  given("PostgreSQL without a version requires it by default", runs("postgres", null)),
  given("MySQL 8.4 does not require it by default", runs("mysql", "8.4")).violates(0, [1, 1]),
  given("MySQL 12 does not require it by default", runs("mysql", "12.0")).violates(0, [1, 1]),
  given("MySQL without a version does not require it by default", runs("mysql", null)).violates(0, [1, 1]),
  given("MariaDB 11.8 requires it by default", runs("mariadb", "11.8")),
  given("MariaDB 11.10 requires it by default", runs("mariadb", "11.10.2")),
  given("MariaDB 12.0 requires it by default", runs("mariadb", "12.0")),
  given("MariaDB 12 requires it by default", runs("mariadb", "12")),
  given("MariaDB 11 does not require it by default", runs("mariadb", "11")).violates(0, [1, 1]),
  given("MariaDB 11.4 does not require it by default", runs("mariadb", "11.4")).violates(0, [1, 1]),
  given("MariaDB 11.7 does not require it by default", runs("mariadb", "11.7")).violates(0, [1, 1]),
  given("MariaDB 10.11 does not require it by default", runs("mariadb", "10.11")).violates(0, [1, 1]),
  given("MariaDB without a version does not require it by default", runs("mariadb", null)).violates(
    0,
    [1, 1],
  ),
  given("Aurora PostgreSQL 16 does not require it by default", aurora("16.6")).finds(
    urn("aws:rds/cluster:Cluster", "orders"),
    0,
    [1, 1],
  ),
  given("Aurora PostgreSQL 17 requires it by default", aurora("17.4")),
  given("The group turns it off", set("rds.force_ssl", "0")).violates(0, [1, 1]),
  given("The group turns it on", { ...set("rds.force_ssl", "1"), ...runs("postgres", "14.12") }),
  given("MySQL's group turns it on in a word", {
    ...set("require_secure_transport", "ON"),
    ...runs("mysql", "8.4"),
  }),
  given("MySQL's group turns it on in a number", {
    ...set("require_secure_transport", "1"),
    ...runs("mysql", "8.4"),
  }),
  given("MySQL's group turns it off", {
    ...set("require_secure_transport", "OFF"),
    ...runs("mysql", "8.4"),
  }).violates(0, [1, 1]),
  given("The group's value is neither", set("rds.force_ssl", "yes please")).malformed(
    "parameters.rds.force_ssl",
  ),
  given("The group's value is hidden", set("rds.force_ssl", UNKNOWN)).undecided("parameters.rds.force_ssl"),
  given("The version is hidden", { extra: [made] }).leavesOpen(REPORTS, "engineVersion"),
  given("The version is hidden and the group turns it on", {
    ...set("rds.force_ssl", "1"),
    database: { engineVersion: UNKNOWN },
  }),
  given("The version is hidden and the group turns it off", {
    ...set("rds.force_ssl", "0"),
    database: { engineVersion: UNKNOWN },
  }).violates(0, [1, 1]),
  given("The engine is not set", { database: { engine: null } }).leavesOpen(DATABASE, "engine"),
  given("The database is described", {}, DESCRIBED),
  given("A second database has AWS's default group", { extra: [secondDatabase()] }),
  given("The proxy requires it", proxied(true)),
  given("The proxy takes connections without it", proxied(false)).finds(PROXY),
  given("The proxy says nothing of it", { ...silent, extra: silentProxy }).finds(PROXY),
  given("The proxy's switch is a word", proxied("perhaps")).rejectsValue(PROXY, "requireTls"),
  given("PGSSLMODE turns it off", variable("PGSSLMODE", "disable")).finds(SERVICE),
  given("PGSSLMODE verifies", variable("PGSSLMODE", "verify-full")),
  given("DB_SSLMODE turns it off", variable("DB_SSLMODE", "disable")).finds(SERVICE),
  given("DB_SSL turns it off", variable("DB_SSL", "false")).finds(SERVICE),
  given(
    "A URL turns it off",
    variable("DATABASE_URL", "postgres://api:hunter2@db.internal:5432/shop?sslmode=disable"),
  ).finds(SERVICE),
  given(
    "A URL of JDBC turns it off",
    variable("SPRING_DATASOURCE_URL", "jdbc:mysql://db.internal/shop?useSSL=false&x=1"),
  ).finds(SERVICE),
  given(
    "A connection string of .NET turns it off",
    variable("ConnectionStrings__Shop", "Host=db.internal;Database=shop;SSL Mode=Disable;Timeout=2"),
  ).finds(SERVICE),
  given(
    "A connection string of libpq turns it off, whatever holds it",
    variable("SHOP_DSN", "host=db.internal dbname=shop sslmode=disable"),
  ).finds(SERVICE),
  given("A URL requires it", variable("DATABASE_URL", "postgres://db.internal/shop?sslmode=require")),
  given(
    "A URL's path looks like a switch",
    variable("DATABASE_URL", "postgres://db.internal/sslmode=disabled-things"),
  ),
];
