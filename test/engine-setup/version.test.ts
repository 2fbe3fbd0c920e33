import { expect, test } from "vitest";
import { isAtLeast, parseVersion } from "../../engine/lib/version.mjs";

test.each([
  ["3.240.0", "3.240.0", true],
  ["v3.240.1", "3.240.0", true],
  ["3.1000.0", "3.240.0", true],
  ["4.0.0", "3.240.0", true],
  ["3.239.99", "3.240.0", false],
  ["3.24.0", "3.240.0", false],
  ["2.999.0", "3.240.0", false],
  ["20.19", "20.19.0", true],
  ["3.260.0-alpha.1", "3.259.0", true],
  ["unknown", "3.240.0", false],
])("%s is at least %s: %s", (version, minimum, expected) => {
  expect(isAtLeast(version, minimum)).toBe(expected);
});

test("a version is found in what a program prints about itself", () => {
  expect(parseVersion("go version go1.26.8 linux/amd64")).toEqual([1, 26, 8]);
  expect(parseVersion("no digits here")).toBeUndefined();
});
