import { describe, expect, it } from "vitest";
import { type PropertyMap, UNKNOWN } from "../../../policies/plan/plan";
import { environment, resource, SERVICE, samplePlan, tags } from "../samplePlan";
import { fromSecret } from "../sampleSecret";
import { by, judge, judgePlan, only } from "./judge";

const limit = (value: string) => [{ name: "max_connections", value, applyMethod: "pending-reboot" }];
const pool = (poolMax: string, more: { readonly [name: string]: string | undefined } = {}) => ({
  environment: environment({ DB_POOL_MAX: poolMax, ...more }),
});
const demand = (peak: string, holdMs: string, acquisitions = "1") =>
  tags({
    "poolproof:peak-requests-per-second": peak,
    "poolproof:db-hold-ms": holdMs,
    "poolproof:db-acquisitions-per-request": acquisitions,
  });

describe("a pool below its floor", () => {
  it("is a finding with what is set, the window, what it leads to and what mends it", () => {
    expect(only(judge(pool("3")), "pool-floor")).toMatchObject({
      resource: SERVICE,
      observed: 3,
      allowed: { min: 11, max: 19 },
      unit: "connections",
      message:
        "`pool.max` is 3, below the floor of 11: at 400 requests/s over 8 tasks each task keeps 5.0 connections busy, so at least 40 % of requests would fail. Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11–19 (docs/runbooks/pool-floor.md).",
    });
  });

  it("fails nobody and lets the queue grow where exactly as many are busy as there are", () => {
    // 100 × 240 ms over 8 tasks are 3 each.
    const { message } = only(judge({ ...pool("3"), tags: demand("100", "240") }), "pool-floor");
    expect(message).toContain(
      "each task keeps 3.0 connections busy, as many as there are, so the queue grows for as long as the peak lasts.",
    );
  });

  it("says how many wait too long, at the peak and beyond it, where the pool carries the load", () => {
    const { message } = only(judge(pool("7")), "pool-floor");
    expect(message).toMatch(
      /so \d+(\.\d)? % of acquisitions would wait longer than 50 ms, and (less than )?[\d.]+ % longer than the acquire timeout of 1000 ms; at 1\.25 times that load \d+ % would, and 1 % may\./,
    );
  });

  it.each([
    ["never ends", "0"],
    ["is not known", undefined],
  ])("says nothing of an acquire timeout that %s", (_how, timeout) => {
    const variables = environment({ DB_POOL_MAX: "7" });
    const changes =
      timeout === undefined
        ? fromSecret("DB_POOL_ACQUIRE_TIMEOUT_MS", variables)
        : pool("7", { DB_POOL_ACQUIRE_TIMEOUT_MS: timeout });
    const { message } = only(judge(changes), "pool-floor");
    expect(message).toContain("of acquisitions would wait longer than 50 ms; at 1.25 times that load");
    expect(message).not.toContain("acquire timeout");
  });

  it("names the processes of a task as what holds a pool", () => {
    const { message } = only(judge(pool("1", { WEB_CONCURRENCY: "2" })), "pool-floor");
    expect(message).toContain("over 8 tasks of 2 processes each process keeps 2.5 connections busy");
  });

  it("has a window of one where floor and ceiling meet, and none a connection below", () => {
    const meets = only(judge({ ...pool("3"), parameters: limit("238") }), "pool-floor");
    expect(meets.allowed).toEqual({ min: 11, max: 11 });
    expect(meets.fix).toBe("Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11");
    expect(meets.message).not.toContain("No size is safe");
    const empty = only(judge({ ...pool("3"), parameters: limit("220") }), "pool-floor");
    expect(empty.allowed).toEqual({ min: 11, max: 10 });
    expect(empty.message).toContain(" No size is safe as things are: the database allows 10 at most.");
    expect(empty.fix).toMatch(/^Any one of these opens it: /);
  });

  it("has no upper end where the limit is hidden", () => {
    const found = only(judge({ ...pool("3"), parameters: UNKNOWN }), "pool-floor");
    expect(found.allowed).toEqual({ min: 11, max: null });
    expect(found.fix).toMatch(/ to at least 11$/);
  });
});

describe("a pool that is no number", () => {
  it("is a finding of its own, whatever the demand is", () => {
    expect(only(judge(pool("ten")), "pool-floor")).toMatchObject({
      resource: SERVICE,
      observed: "ten",
      allowed: { min: 11, max: 19 },
      message:
        '`pool.max` of api is "ten", not a whole number of connections from 1 up: a pool library then falls back to a default or fails to start, so the pool\'s size is left to chance. Set `DB_POOL_MAX` of container `api` in task definition `api-task` to 11–19 (docs/runbooks/pool-floor.md).',
    });
    const undeclared = judge({ ...pool("ten"), tags: tags({ "poolproof:db-hold-ms": undefined }) });
    expect(only(undeclared, "pool-floor").allowed).toEqual({ min: 1, max: 19 });
  });

  it("is its library's own word where the library takes no bound at all from it", () => {
    const go = { environment: environment({ DB_MAX_OPEN_CONNS: "0", DB_POOL_MAX: undefined }) };
    const found = only(
      judge({ ...go, tags: tags({ "poolproof:pool-library": "go-database-sql" }) }),
      "pool-floor",
    );
    expect(found.message).not.toContain("falls back to a default");
  });
});

describe("demand that is missing or wrong", () => {
  it.each([
    ["no peak", { "poolproof:peak-requests-per-second": undefined }],
    ["no hold time", { "poolproof:db-hold-ms": undefined }],
    ["a peak that is no number", { "poolproof:peak-requests-per-second": "many" }],
    ["a hold time that is no number", { "poolproof:db-hold-ms": "long" }],
    ["acquisitions that are no number", { "poolproof:db-acquisitions-per-request": "some" }],
  ])("is demand-declared's alone: %s", (_what, changed) => {
    const report = judge({ tags: tags(changed) });
    expect(by(report, "demand-declared")).toHaveLength(1);
    expect(by(report, "pool-floor")).toEqual([]);
    expect(report.undecided.filter(({ rule }) => rule === "pool-floor")).toEqual([]);
  });
});

describe("a function below the concurrency it needs", () => {
  const lambda = (properties: PropertyMap, declared: { readonly [tag: string]: string } = {}) => {
    const { resources } = samplePlan();
    return {
      resources: [
        ...resources.filter(({ type }) => !type.startsWith("aws:ecs")),
        resource("aws:lambda/function:Function", "resize", {
          name: "resize",
          timeout: 3,
          environment: { variables: { DB_POOL_MAX: "1", DB_POOL_ACQUIRE_TIMEOUT_MS: "1000" } },
          tags: {
            "poolproof:peak-requests-per-second": "100",
            "poolproof:db-hold-ms": "40",
            "poolproof:db-acquisitions-per-request": "1.5",
            ...declared,
          },
          ...properties,
        }),
      ],
    };
  };

  it("is a finding in environments, with the share that is throttled", () => {
    const found = only(judgePlan(lambda({ reservedConcurrentExecutions: 5 })), "pool-floor");
    expect(found).toMatchObject({ observed: 5, unit: "environments", allowed: { max: null } });
    const least = found.allowed?.min ?? 0;
    expect(found.message).toMatch(
      new RegExp(
        `^resize may run 5 at once, below the floor of ${least}: at 100 requests/s the database alone keeps 6\\.0 environments busy, so at least \\d+ % of requests would be throttled\\. Set \`reservedConcurrentExecutions\` to at least ${least}, within the database's budget `,
      ),
    );
    expect(by(judgePlan(lambda({ reservedConcurrentExecutions: least })), "pool-floor")).toEqual([]);
    expect(by(judgePlan(lambda({ reservedConcurrentExecutions: least - 1 })), "pool-floor")).toHaveLength(1);
  });

  it.each<[string, PropertyMap, { readonly [tag: string]: string }]>([
    ["the concurrency is hidden", { reservedConcurrentExecutions: UNKNOWN }, {}],
    ["the demand is hidden", { reservedConcurrentExecutions: 5, tags: UNKNOWN }, {}],
    ["the demand is no number", { reservedConcurrentExecutions: 5 }, { "poolproof:db-hold-ms": "long" }],
    [
      "no model carries it",
      { reservedConcurrentExecutions: 5 },
      { "poolproof:peak-requests-per-second": "1e300" },
    ],
  ])("is none that anybody can tell where %s", (_what, properties, declared) => {
    const report = judgePlan(lambda(properties, declared));
    expect(by(report, "pool-floor")).toEqual([]);
    expect(report.verdict).toBe("rejected");
  });
});
