import { type PropertyValue, UNKNOWN } from "../../../../policies/plan/property";
import { limitTo } from "../../auroraPlan";
import { secondDatabase } from "../../sampleClients";
import { environment, resource, type Sample, urn } from "../../samplePlan";
import { PROXY, throughProxy } from "../../sampleProxy";
import { given } from "../situation";

const set = (name: string, value: PropertyValue): Pick<Sample, "parameters"> => ({
  parameters: [...limitTo("400"), { name, value }],
});
const runs = (engine: PropertyValue, engineVersion: PropertyValue) => ({
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
  given("PostgreSQL 14 does not require it by default", runs("postgres", "14.12")),
  given("PostgreSQL without a version requires it by default", runs("postgres", null)),
  given("MySQL 8.4 does not require it by default", runs("mysql", "8.4")),
  given("MySQL 12 does not require it by default", runs("mysql", "12.0")),
  given("MySQL without a version does not require it by default", runs("mysql", null)),
  given("MariaDB 11.8 requires it by default", runs("mariadb", "11.8")),
  given("MariaDB 11.10 requires it by default", runs("mariadb", "11.10.2")),
  given("MariaDB 12.0 requires it by default", runs("mariadb", "12.0")),
  given("MariaDB 12 requires it by default", runs("mariadb", "12")),
  given("MariaDB 11 does not require it by default", runs("mariadb", "11")),
  given("MariaDB 11.4 does not require it by default", runs("mariadb", "11.4")),
  given("MariaDB 11.7 does not require it by default", runs("mariadb", "11.7")),
  given("MariaDB 10.11 does not require it by default", runs("mariadb", "10.11")),
  given("MariaDB without a version does not require it by default", runs("mariadb", null)),
  given("Aurora PostgreSQL 16 does not require it by default", aurora("16.6")),
  given("Aurora PostgreSQL 17 requires it by default", aurora("17.4")),
  given("The group turns it off", set("rds.force_ssl", "0")),
  given("The group turns it on", { ...set("rds.force_ssl", "1"), ...runs("postgres", "14.12") }),
  given("MySQL's group turns it on in a word", {
    ...set("require_secure_transport", "ON"),
    ...runs("mysql", "8.4"),
  }),
  given("MySQL's group turns it on in a number", {
    ...set("require_secure_transport", "1"),
    ...runs("mysql", "8.4"),
  }),
  given("MySQL's group turns it off", { ...set("require_secure_transport", "OFF"), ...runs("mysql", "8.4") }),
  given("The group's value is neither", set("rds.force_ssl", "yes please")),
  given("The group's value is hidden", set("rds.force_ssl", UNKNOWN)),
  given("The version is hidden", { extra: [made] }),
  given("The version is hidden and the group turns it on", {
    ...set("rds.force_ssl", "1"),
    database: { engineVersion: UNKNOWN },
  }),
  given("The version is hidden and the group turns it off", {
    ...set("rds.force_ssl", "0"),
    database: { engineVersion: UNKNOWN },
  }),
  given("The engine is not set", { database: { engine: null } }),
  given("The database is described", {}, DESCRIBED),
  given("A second database has AWS's default group", { extra: [secondDatabase()] }),
  given("The proxy requires it", proxied(true)),
  given("The proxy takes connections without it", proxied(false)),
  given("The proxy says nothing of it", { ...silent, extra: silentProxy }),
  given("The proxy's switch is a word", proxied("perhaps")),
  given("PGSSLMODE turns it off", variable("PGSSLMODE", "disable")),
  given("PGSSLMODE verifies", variable("PGSSLMODE", "verify-full")),
  given("DB_SSLMODE turns it off", variable("DB_SSLMODE", "disable")),
  given("DB_SSL turns it off", variable("DB_SSL", "false")),
  given(
    "A URL turns it off",
    variable("DATABASE_URL", "postgres://api:hunter2@db.internal:5432/shop?sslmode=disable"),
  ),
  given(
    "A URL of JDBC turns it off",
    variable("SPRING_DATASOURCE_URL", "jdbc:mysql://db.internal/shop?useSSL=false&x=1"),
  ),
  given("A URL requires it", variable("DATABASE_URL", "postgres://db.internal/shop?sslmode=require")),
  given(
    "A URL's path looks like a switch",
    variable("DATABASE_URL", "postgres://db.internal/sslmode=disabled-things"),
  ),
];
