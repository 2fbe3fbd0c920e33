import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UNKNOWN, UNKNOWN_WIRE_MARKERS } from "../../../policies/plan/plan";
import { fromWire, propertiesFromWire, SECRET_SIGNATURE, SIGNATURE_KEY } from "../../../policies/plan/wire";

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
