import { describe, expect, it } from "vitest";
import { type PropertyValue, UNKNOWN } from "../../../policies/plan/plan";
import { alarmUrn, connectionsAlarm, poolAlarm } from "../sampleAlarms";
import { NOTHING, shape } from "./watchedAlarm";

const QUIET = "no data ever arrives, and the alarm is quiet for good";
const connections = (more: { readonly [property: string]: PropertyValue | undefined }) =>
  shape(connectionsAlarm(more));
const rejected = (text: string, fix: string, numbers: object) => ({
  violations: [
    {
      resource: alarmUrn("connections"),
      text: `Alarm connections ${text}`,
      fix,
      allowed: null,
      unit: null,
      ...numbers,
    },
  ],
  undecided: [],
});
const undecided = (property: string, reason: string, more: object = {}) => ({
  violations: [],
  undecided: [{ resource: alarmUrn("connections"), property, reason, ...more }],
});

describe("the namespace of a metric of AWS", () => {
  it.each(["AWS/Rds", "aws/rds", "RDS", "rds"])("is written as AWS writes it, and not %s", (namespace) => {
    expect(connections({ namespace })).toEqual(
      rejected(
        `watches the namespace "${namespace}", and AWS publishes DatabaseConnections in AWS/RDS: ${QUIET}.`,
        'Set `namespace` to "AWS/RDS"',
        { observed: namespace },
      ),
    );
  });

  it("is the one that has the metric", () => {
    for (const namespace of ["AWS/ECS", "AWS/EC2", "Shop"]) {
      expect(connections({ namespace })).toEqual(
        rejected(
          `watches DatabaseConnections in ${namespace}, where there is no such metric: ${QUIET}.`,
          'Set `namespace` to "AWS/RDS"',
          { observed: "DatabaseConnections" },
        ),
      );
    }
  });

  it("is anything for a metric of a pool", () => {
    for (const namespace of ["rds", "Shop", "ECS/ContainerInsights"]) {
      expect(shape(poolAlarm("hikaricp.connections.pending", { namespace }))).toEqual(NOTHING);
    }
  });
});

describe("the name of a metric", () => {
  it.each([
    ["DatabaseConnection", "DatabaseConnections"],
    ["databaseconnections", "DatabaseConnections"],
    ["CPUUtilisation", "CPUUtilization"],
  ])("that is mistyped is told with the nearest: %s", (metricName, near) => {
    expect(connections({ metricName })).toEqual(
      rejected(
        `watches ${metricName} in AWS/RDS, where there is no such metric: ${QUIET}.`,
        `Set \`metricName\` to "${near}"`,
        { observed: metricName },
      ),
    );
  });

  it("is shown as far as names go", () => {
    const longest = "DatabaseConnectionsCurrentlySessionPinned";
    const shown = longest.padEnd(60, "x");
    expect(connections({ metricName: `${shown}x` })).toEqual(
      rejected(
        `watches ${shown} in AWS/RDS, where there is no such metric: ${QUIET}.`,
        `Set \`metricName\` to "${longest}"`,
        { observed: shown },
      ),
    );
  });

  it("that is like none of AWS's is left to whoever can list them", () => {
    const unlike = (shown: string) =>
      undecided("metricName", `${shown} is not among the metrics of AWS/RDS that poolproof knows`, {
        fix: "Check with `aws cloudwatch list-metrics --namespace AWS/RDS` that the metric exists, and accept the finding with an exception",
      });
    expect(connections({ metricName: "QuantumEntanglement" })).toEqual(unlike("QuantumEntanglement"));
    expect(connections({ metricName: "Q".repeat(61) })).toEqual(unlike("Q".repeat(60)));
  });

  it("and its namespace are anybody's where neither is AWS's", () => {
    expect(connections({ namespace: "Shop/Postgres", metricName: "max_connections" })).toEqual(NOTHING);
  });
});

describe("what a metric cannot do without", () => {
  it.each(["namespace", "metricName"])("is its %s, which may be hidden", (property) => {
    expect(connections({ [property]: undefined })).toEqual(
      undecided(property, `\`${property}\` is not set, not a text`, {
        malformed: { shown: "not set", expected: "a text" },
      }),
    );
    expect(connections({ [property]: 5 })).toEqual(
      undecided(property, `\`${property}\` is 5, not text`, { malformed: { shown: "5", expected: "text" } }),
    );
    expect(connections({ [property]: UNKNOWN })).toEqual(
      undecided(property, `\`${property}\` is not known before the deployment`),
    );
  });
});

describe("the period of a metric that AWS publishes once a minute", () => {
  it.each([
    [10, 6, 5],
    [20, 3, 2],
    [30, 2, 1],
  ])("is not %d s: of %d periods, %d have no data", (period, periods, empty) => {
    expect(connections({ period })).toEqual(
      rejected(
        `looks at AWS/RDS DatabaseConnections every ${period} s, and AWS publishes it once a minute: of ${periods} periods, ${empty} have no data.`,
        "Set `period` to 60",
        { observed: period, allowed: { min: 60, max: null }, unit: "s" },
      ),
    );
    expect(shape(poolAlarm("db.client.connection.pending_requests", { period }))).toEqual(NOTHING);
  });

  it.each([60, 120, 3600])("may be %d s", (period) => {
    expect(connections({ period })).toEqual(NOTHING);
  });
});
