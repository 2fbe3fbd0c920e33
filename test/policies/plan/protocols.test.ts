import { describe, expect, it } from "vitest";
import { by, judge } from "../rules/judge";
import { environment as pgEnvironment, type Sample, tags } from "../samplePlan";
import { clientsOf } from "./clientsOf";

const MYSQL = { engine: "mysql", engineVersion: "8.0" };
const onMysql = (environment: Sample["environment"], changes: Partial<Sample> = {}) => {
  const [client] = clientsOf(environment, {}, { database: MYSQL, ...changes });
  if (!client) throw new Error("no client");
  return client;
};
const named = (library: string) => ({ tags: tags({ "poolproof:pool-library": library }) });

describe("a library that speaks one protocol alone", () => {
  it("is undecided where its database speaks the other, however it was found out", () => {
    const byTag = onMysql({ DB_POOL_MAX: "12" }, named("node-postgres"));
    expect(byTag.library).toMatchObject({
      state: "unknown",
      reason:
        "node-postgres, as it is named, does not support db, which is mysql: the behaviour of its pool is not known",
      fix: expect.stringMatching(
        /\(mysql2, knex, (?!.*(?:node-postgres|postgres\.js|asyncpg|npgsql|keycloak))/,
      ),
    });
    const byMark = onMysql({ PG_POOL_MAX: "12" });
    expect(byMark.library).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("node-postgres, recognised by `PG_POOL_MAX`, does not support db"),
    });
    const [pg] = clientsOf({ MYSQL_CONNECTION_LIMIT: "12" });
    expect(pg?.library).toMatchObject({ reason: expect.stringContaining("mysql2, recognised by") });
  });

  it("is said even where every setting of its pool is known", () => {
    const [entry] = judge({ database: MYSQL, ...named("node-postgres") }).undecided.filter(
      ({ rule }) => rule === "coverage",
    );
    expect(entry?.reason).toContain("does not support db");
  });

  it("still gives its names to what is set, and its defaults to nothing", () => {
    const { settings } = onMysql({ PG_POOL_MAX: "12" });
    expect(settings.poolMax.reading).toEqual({ state: "known", value: 12 });
    expect(settings.acquireTimeoutMs.reading).toMatchObject({
      state: "unknown",
      reason: expect.stringContaining("does not support"),
    });
  });

  it("says nothing where the engine is not known", () => {
    expect(onMysql({ PG_POOL_MAX: "12" }, { database: { engine: "oracle-ee" } }).library).toMatchObject({
      value: "node-postgres",
    });
  });

  it("holds for clients and databases that the policy configuration describes", () => {
    const client = { name: "jobs", poolMax: 2, instances: 1, database: "shop" };
    const clients = (engine: "mysql" | "postgres" | undefined, library: string) => {
      const described = { clients: [{ ...client, library }], databases: [{ name: "shop", engine }] };
      return clientsOf({}, described).find(({ kind }) => kind === "declared");
    };
    expect(clients("mysql", "node-postgres")?.library.state).toBe("unknown");
    expect(clients("mysql", "node-postgres")?.settings.acquireTimeoutMs.reading.state).toBe("unknown");
    expect(clients("mysql", "mysql2")?.library).toEqual({ state: "known", value: "mysql2" });
    expect(clients(undefined, "mysql2")?.library).toEqual({ state: "known", value: "mysql2" });
  });

  it("of several pools in a container is judged by each one's database", () => {
    const settings = {
      databases: [{ name: "legacy", engine: "mysql" }],
      pools: [
        { client: "api", pool: "legacy", database: "legacy", library: "mysql2", values: { poolMax: 2 } },
      ],
    };
    const libraries = clientsOf(pgEnvironment({}), settings).map(({ library }) => library);
    expect(libraries).toMatchObject([{ value: "node-postgres" }, { value: "mysql2" }]);
  });
});

describe("mysql2", () => {
  it("is recognised by its own names, and takes 0 for no limit at all", () => {
    const { library, settings } = onMysql({ MYSQL_CONNECTION_LIMIT: "7", MYSQL_QUEUE_LIMIT: "50" });
    expect(library).toMatchObject({ value: "mysql2", assumed: "recognised by `MYSQL_CONNECTION_LIMIT`" });
    expect(settings.poolMax.reading).toEqual({ state: "known", value: 7 });
    expect(settings.queueMax.reading).toEqual({ state: "known", value: 50 });
    expect(onMysql({ MYSQL_CONNECTION_LIMIT: "0" }).settings.poolMax.reading).toMatchObject({
      state: "malformed",
      shown: "unlimited (`MYSQL_CONNECTION_LIMIT` is 0)",
    });
  });

  it("has fixes that name what it has, and say what it has not", () => {
    const report = judge({ environment: { MYSQL_POOL_SIZE: "12" }, database: MYSQL });
    const [wait] = by(report, "acquire-timeout");
    expect(wait?.fix).toContain("(mysql2 has no option for it, so the program must implement the timeout)");
    const [idle] = by(report, "idle-order");
    expect(idle?.fix).toContain("mysql2's `idleTimeout`, with `maxIdle` below `connectionLimit`");
  });
});

describe("a setting that a secret hides", () => {
  const secret = (name: string): Sample["taskDefinition"] => ({
    containerDefinitions: JSON.stringify([{ name: "api", secrets: [{ name, valueFrom: "arn:x" }] }]),
  });

  it("is mended by a plain value or the policy configuration", () => {
    const [client] = clientsOf({}, {}, { taskDefinition: secret("DB_POOL_MAX") });
    expect(client?.settings.poolMax.reading).toMatchObject({
      state: "unknown",
      fix: "Set `DB_POOL_MAX` as a plain value in the environment, or set `values.poolMax` of the client under `pools` in the policy configuration",
    });
  });

  it("of Prisma's URL by the policy configuration alone, and doing so decides it", () => {
    const changes = { taskDefinition: secret("DATABASE_URL"), ...named("prisma-6") };
    const fix =
      "Set `values.poolMax` of the client under `pools` in the policy configuration: a plan shows no part of a hidden URL";
    const [client] = clientsOf({}, {}, changes);
    expect(client?.settings.poolMax.reading).toMatchObject({ state: "unknown", fix });
    expect(by(judge(changes), "undecided").map((finding) => finding.fix)).toContain(fix);
    const pools = [{ client: "api", values: { poolMax: 12 } }];
    expect(clientsOf({}, { pools }, changes)[0]?.settings.poolMax.reading).toMatchObject({ value: 12 });
  });
});
