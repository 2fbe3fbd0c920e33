import { describe, expect, it } from "vitest";
import { DEFAULT_LEVELS } from "../../../../policies/reports/assess";
import { by, judge, judgePlan, only } from "../judge";
import { SITUATIONS } from "../situations";

const RULE = "poolproof-settings";

describe("a name that matches nothing", () => {
  const settings = { configKeys: { DB_POL_MAX: "shop:pool" } };

  it("counts for what the settings' policy counts, and for nothing where that is disabled", () => {
    expect(only(judge({}, settings), RULE).level).toBe("mandatory");
    const warned = judge({}, settings, { ...DEFAULT_LEVELS, [RULE]: "advisory" });
    expect(only(warned, RULE).level).toBe("advisory");
    const { [RULE]: _, ...disabled } = DEFAULT_LEVELS;
    expect(by(judge({}, settings, disabled), RULE)).toEqual([]);
  });

  it("leaves a stack accepted where it is a pattern", () => {
    const pools = [{ client: "worker*", values: { poolMax: 12 } }];
    expect(judge({}, { pools }).verdict).toBe("accepted");
  });
});

describe("the names that config keys may have", () => {
  it("are all those that the messages of the rules' situations ask for", () => {
    const asked = new Set<string>();
    const configKeys = new Proxy<{ [name: string]: string }>(
      {},
      {
        getOwnPropertyDescriptor: (_, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    for (const situation of Object.values(SITUATIONS).flat()) {
      // Names that the policy configuration itself gives are known from there.
      const { pools = [], clients = [] } = situation.settings;
      if (pools.length + clients.length === 0)
        judgePlan(situation.plan, { ...situation.settings, configKeys });
    }
    expect(asked.size).toBeGreaterThan(10);
    const named = Object.fromEntries([...asked].map((name) => [name, "shop:key"]));
    expect(by(judge({}, { configKeys: named }), RULE)).toEqual([]);
  });
});
