import { expect, it } from "vitest";
import { judge } from "../rules/judge";

it("lists what stops the deployment before what only warns", () => {
  const { violations } = judge({ database: { enabledCloudwatchLogsExports: [] }, tags: {} });
  expect(violations.map(({ rule, level }) => [rule, level])).toEqual([
    ["demand-declared", "mandatory"],
    ["connection-logging", "advisory"],
  ]);
});
