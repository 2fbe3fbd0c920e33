import { expect, it } from "vitest";
import { asArguments, serverSettings } from "../../../../drills/stress/lab/cluster";

it("a parameter group on a plain PostgreSQL is applied as far as that knows it, the rest listed by name", () => {
  const settings = serverSettings(
    [
      { name: "max_connections", value: "LEAST({DBInstanceClassMemory/9531392},5000)" },
      { name: "statement_timeout", value: "2000" },
      { name: "rds.force_ssl", value: "1" },
      { name: "shared_buffers", value: "{DBInstanceClassMemory/32768}" },
    ],
    789,
  );
  expect(settings.applied).toEqual([
    { name: "max_connections", value: "789" },
    { name: "statement_timeout", value: "2000" },
  ]);
  expect(asArguments(settings)).toEqual(expect.arrayContaining(["max_connections=789", "fsync=off"]));
  expect(settings.notReproduced.slice(0, 3).map((line) => line.split("=")[0])).toEqual([
    "max_connections",
    "rds.force_ssl",
    "shared_buffers",
  ]);
});
