import { describe, expect, it } from "vitest";
import { UNKNOWN } from "../../../policies/plan/plan";
import {
  combine,
  known,
  leftToAws,
  readNumber,
  readProperty,
  readText,
  unknown,
} from "../../../policies/plan/reading";
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
