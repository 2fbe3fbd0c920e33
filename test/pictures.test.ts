import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { drawSafeWindow, OUTAGE } from "../docs/pictures/safeWindow";

const root = join(__dirname, "..");

describe("the README's picture", () => {
  it("is what the model draws today (npm run pictures)", () => {
    expect(readFileSync(join(root, "docs/pictures/safe-window.svg"), "utf8")).toBe(drawSafeWindow());
  });

  it("shows the settings of the outage's stack", () => {
    const { config } = parse(readFileSync(join(root, "stacks/Pulumi.incident-2024-09-02.yaml"), "utf8"));
    expect(OUTAGE).toEqual({
      demand: {
        peakRequestsPerSecond: config["auth:peakRequestsPerSecond"],
        holdMs: config["auth:dbHoldMs"],
        acquisitionsPerRequest: config["auth:dbAcquisitionsPerRequest"],
        tasksServingPeak: config["auth:tasksAtPeak"],
      },
      maxConnections: Number(config["auth:maxConnections"]),
      tasksHoldingPools: (config["auth:maxTasks"] * config["auth:maximumPercent"]) / 100,
      poolMax: config["auth:poolMax"],
    });
  });
});
