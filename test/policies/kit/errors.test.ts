import { expect, it } from "vitest";
import { codeOf, InputError, messageOf } from "../../../policies/kit/errors";

it("whatever was thrown has a message of one kind", () => {
  expect(messageOf(new InputError("no"))).toBe("no");
  expect(messageOf(new TypeError())).toBe("TypeError");
  expect(messageOf("text")).toBe("text");
  expect(messageOf(new AggregateError([new Error("inner")]))).toBe("inner");
  expect(messageOf(new AggregateError([new Error("inner")], "outer"))).toBe("outer");
});

it("the system's code is told where there is one", () => {
  expect(codeOf(Object.assign(new Error("x"), { code: "EEXIST" }))).toBe("EEXIST");
  expect([codeOf(new Error("x")), codeOf({ code: 1 }), codeOf(null)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
