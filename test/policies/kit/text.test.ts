import { expect, it } from "vitest";
import { columns, count, list, number, percent, utcMinute } from "../../../policies/kit/text";

it.each([
  [number(1234.56), "1,235"],
  [number(1234.56, 1), "1,234.6"],
  [count(1, "task"), "1 task"],
  [count(0, "task"), "0 tasks"],
  [count(1200, "task"), "1,200 tasks"],
  [list([]), ""],
  [list(["a"]), "a"],
  [list(["a", "b"]), "a and b"],
  [list(["a", "b", "c"]), "a, b and c"],
  [percent(0.543), "54 %"],
  [percent(0.0043), "0.4 %"],
  [percent(0.2, 1), "20.0 %"],
  [utcMinute(Date.UTC(2026, 10, 20, 18, 5, 59)), "2026-11-20 18:05 UTC"],
])("writes %j", (written, expected) => {
  expect(written).toBe(expected);
});

it("sets columns to the right, but for those that are said to stand left, and leaves no blanks at the end", () => {
  const rows = [
    ["pool", "wait", "at"],
    ["12", "4", ""],
  ];
  expect(columns(rows)).toEqual(["pool  wait  at", "12       4"]);
  expect(columns(rows, [1])).toEqual(["pool  wait  at", "  12  4"]);
});
