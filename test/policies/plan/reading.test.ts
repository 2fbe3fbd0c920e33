import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN, UNKNOWN_WIRE_MARKERS } from "../../../policies/plan/plan";
import { readDuration, writeDuration } from "../../../policies/plan/pools/settings";
import {
  combine,
  known,
  leftToAws,
  readNumber,
  readProperty,
  readText,
  unknown,
} from "../../../policies/plan/reading";
import { wildcard } from "../../../policies/plan/settings";
import { fromWire, propertiesFromWire, SECRET_SIGNATURE, SIGNATURE_KEY } from "../../../policies/plan/wire";
import { resource } from "../samplePlan";

const service = resource(
  "aws:ecs/service:Service",
  "api",
  {
    name: "api",
    count: "3",
    odd: "1e400",
    list: [{ inner: 5 }],
    hidden: UNKNOWN,
    made: UNKNOWN,
    nested: { value: UNKNOWN, none: null },
  },
  { made: ["urn:a"], dropped: ["urn:b"] },
);

describe("reading a property", () => {
  it("tells known, unset and unknown apart", () => {
    expect(readText(service, "name")).toEqual(known("api"));
    expect(readText(service, "absent")).toEqual({ state: "unset", property: "absent" });
    expect(readText(service, "hidden").state).toBe("unknown");
    expect(readText(service, "nested", "value")).toMatchObject({
      state: "unknown",
      property: "nested.value",
    });
    expect(readText(service, "nested", "none").state).toBe("unset");
  });

  it("takes a property that is missing but was made from a resource as unknown, not as unset", () => {
    expect(readProperty(service, "dropped").state).toBe("unknown");
  });

  it("takes an unknown that was made from nothing as left to AWS", () => {
    expect(leftToAws(service, "hidden", readText(service, "hidden")).state).toBe("unset");
    expect(leftToAws(service, "made", readText(service, "made")).state).toBe("unknown");
  });

  it("reads a number from a text that is one, and refuses others with what they are", () => {
    expect(readNumber(service, "count")).toEqual(known(3));
    expect(readNumber(service, "name")).toMatchObject({
      state: "malformed",
      shown: '"api"',
      observed: "api",
    });
    expect(readNumber(service, "odd")).toMatchObject({ state: "malformed", shown: "1e400" });
    expect(readNumber(service, "list")).toMatchObject({
      state: "malformed",
      shown: "a list",
      observed: null,
    });
  });

  it("looks through a list of one, as which some plans write a block", () => {
    expect(readNumber(service, "list", "inner")).toEqual(known(5));
    expect(readNumber(service, "name", "inner").state).toBe("malformed");
  });

  it("does not take inherited names for properties", () => {
    expect(readProperty(service, "constructor").state).toBe("unset");
    expect(readProperty(service, "nested", "toString").state).toBe("unset");
  });

  it("combines readings, the first that is not known standing for all", () => {
    expect(combine({ a: known(1), b: known(2) }, ({ a, b }) => a + b)).toEqual(known(3));
    expect(combine({ a: known(1), b: unknown("b") }, () => 0)).toEqual(unknown("b"));
  });
});

const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
const [, , STRING_MARKER] = [...UNKNOWN_WIRE_MARKERS];

describe("a value from Pulumi's wire format", () => {
  it.each([...UNKNOWN_WIRE_MARKERS])("is unknown where the marker %s stands", (marker) => {
    expect(propertiesFromWire({ a: marker, b: [marker, 1], c: { d: marker } })).toEqual({
      a: UNKNOWN,
      b: [UNKNOWN, 1],
      c: { d: UNKNOWN },
    });
  });

  it("is unknown as a whole where a text was put together from an unknown", () => {
    expect(fromWire(`postgres://user:${STRING_MARKER}@host`)).toBe(UNKNOWN);
  });

  it("is what lies inside a secret, and unknown where only its ciphertext is at hand", () => {
    expect(fromWire({ [SIGNATURE_KEY]: SECRET_SIGNATURE, value: { a: 1 } })).toEqual({ a: 1 });
    expect(fromWire({ [SIGNATURE_KEY]: SECRET_SIGNATURE, ciphertext: "…" })).toBe(UNKNOWN);
  });

  it("is what lies inside an output, and unknown where it has not resolved", () => {
    expect(fromWire({ [SIGNATURE_KEY]: OUTPUT, value: 5, dependencies: [] })).toBe(5);
    expect(fromWire({ [SIGNATURE_KEY]: OUTPUT })).toBe(UNKNOWN);
  });

  it("is the id of a resource that is referred to, unknown before it exists", () => {
    expect(fromWire({ [SIGNATURE_KEY]: RESOURCE, urn: "urn:…", id: "i-1" })).toBe("i-1");
    expect(fromWire({ [SIGNATURE_KEY]: RESOURCE, urn: "urn:…", id: "" })).toBe(UNKNOWN);
  });

  it("is read past a getter that throws, as the policy SDK's does at an unknown", () => {
    const guarded = new Proxy(
      { name: STRING_MARKER, size: 3 },
      {
        get() {
          throw new Error("can't be known during preview");
        },
      },
    );
    expect(propertiesFromWire(guarded)).toEqual({ name: UNKNOWN, size: 3 });
  });

  it("reads what the engine puts in place of a secret it cannot decrypt as unknown, and nothing else alike", () => {
    expect(propertiesFromWire({ text: "[secret]", other: "a [secret]" })).toEqual({
      text: UNKNOWN,
      other: "a [secret]",
    });
  });

  it("ends where a structure holds itself", () => {
    const circle: Record<string, unknown> = { name: "a" };
    circle.self = circle;
    expect(() => fromWire(circle)).not.toThrow();
  });

  it("keeps hostile keys as data and never throws", () => {
    const hostile = propertiesFromWire(JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1}'));
    expect(Object.keys(hostile).sort()).toEqual(["__proto__", "constructor"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true }),
        (value) => void fromWire(value),
      ),
    );
  });

  it("leaves JSON as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes(SIGNATURE_KEY));
        expect(JSON.parse(JSON.stringify(fromWire(value)))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe("a duration", () => {
  it.each([
    ["go", "1h2m3.5s", 3_723_500],
    ["go", "250ms", 250],
    ["go", "1500us", 1.5],
    ["go", "0", 0],
    ["go", "-1s", -1_000],
    ["go", ".5s", 500],
    ["s", "2.5", 2_500],
    ["ms", "2.5", 2.5],
    ["ms or unit", "75", 75],
    ["ms or unit", "75s", 75_000],
    ["ms or unit", "2M", 120_000],
    ["ms or unit", "PT1M30S", 90_000],
    ["ms or unit", "1d", 86_400_000],
  ] as const)("in %s is read from %s", (notation, text, ms) => {
    expect(readDuration(text, notation, "X")).toEqual({ state: "known", value: ms });
  });

  it.each([
    ["go", "5"],
    ["go", "5 m"],
    ["go", "m"],
    ["go", ""],
    ["s", "5s"],
    ["ms", "5m"],
    ["ms or unit", "PT"],
    ["ms or unit", "5 fortnights"],
    ["ms", "1".repeat(200)],
  ] as const)("in %s is not %s", (notation, text) => {
    expect(readDuration(text, notation, "X").state).toBe("malformed");
  });

  it("is written the way it is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (ms) => {
        expect(readDuration(writeDuration(ms, "go"), "go", "X")).toEqual({ state: "known", value: ms });
        expect(readDuration(writeDuration(ms, "s").replace(" s", ""), "s", "X")).toEqual({
          state: "known",
          value: ms,
        });
      }),
    );
  });

  it("is read or refused at once, however long the text", () => {
    const start = performance.now();
    for (const text of ["1".repeat(1e6), "1s".repeat(1e6), `${".".repeat(1e6)}s`])
      for (const notation of ["go", "s", "ms", "ms or unit"] as const) readDuration(text, notation, "X");
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("a pattern for names", () => {
  it.each([
    ["api", "api", true],
    ["api", "api-2", false],
    ["api*", "api-2", true],
    ["*api", "my-api", true],
    ["a*i", "ai", true],
    ["a*a", "a", false],
    ["a*b*c", "a-b-b-c", true],
    ["*ab*ab", "ab", false],
    ["*", "", true],
    ["", "", true],
    [
      "urn:pulumi:*::aws:rds/instance:Instance::db",
      "urn:pulumi:prod::shop::aws:rds/instance:Instance::db",
      true,
    ],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
  ])("%j fits %j: %j", (pattern, name, fits) => {
    expect(wildcard(pattern).test(name)).toBe(fits);
  });

  it("means what the same pattern means as a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "."), maxLength: 8 });
    const name = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 10 });
    fc.assert(
      fc.property(text, name, (pattern, candidate) => {
        const parts = pattern.split("*").map((part) => part.replaceAll(".", "\\."));
        expect(wildcard(pattern).test(candidate)).toBe(new RegExp(`^${parts.join(".*")}$`).test(candidate));
      }),
      { numRuns: 2000 },
    );
  });

  it("takes no longer for a pattern that almost fits in very many ways", () => {
    const started = performance.now();
    expect(wildcard(`${"a*".repeat(60)}b`).test("a".repeat(5_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
