import type { StackUnderTest } from "../../../../drills/stress/stackUnderTest";
import { ENVIRONMENT } from "../../../service/support/environment";

/** A small stack's settings, as `loadStack` reads them from a plan. */
export const smallStack: StackUnderTest = {
  stack: "small",
  verdict: "accepted",
  findings: [],
  environment: { ...ENVIRONMENT, DB_AUTH: "iam", SCRYPT_LOG2_N: "14" },
  demand: {
    peakRequestsPerSecond: 20,
    holdMs: 40,
    acquisitionsPerRequest: 1.5,
    tasks: 1,
    processesPerTask: 1,
  },
  objectives: {
    toleratedFailurePercent: 2,
    toleratedLatencyMs: 1000,
    waitTargetMs: 50,
    exceedance: 0.01,
    peakFactor: 1.25,
  },
  pool: { poolMax: 4, floor: 4, ceiling: 20 },
  database: {
    engineVersion: "17",
    instanceClass: "db.t4g.small",
    parameters: [
      { name: "max_connections", value: "60" },
      { name: "statement_timeout", value: "2000" },
      { name: "rds.force_ssl", value: "1" },
    ],
    roleSettings: "",
    maxConnections: 60,
  },
  taskVcpu: 0.5,
};

/** The demand of the outage of 2024-09-02. */
export const outageStack: StackUnderTest = {
  ...smallStack,
  stack: "incident-2024-09-02",
  pool: { poolMax: 3, floor: 11, ceiling: 19 },
  demand: {
    peakRequestsPerSecond: 400,
    holdMs: 90,
    acquisitionsPerRequest: 1.1,
    tasks: 8,
    processesPerTask: 1,
  },
};
