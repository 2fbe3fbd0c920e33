import { expect, it } from "vitest";
import { suggestedAcquireMs } from "../../../../policies/rules/pools/acquireTimeout";

it.each([
  [undefined, 2000],
  [60_000, 2000],
  [10_000, 2000],
  [8700, 1700],
  [500, 100],
  [499, 99],
  [7, 1],
  [2, 1],
])("suggests of a request of %s ms a fifth in round numbers, 1 ms to 2 s: %s ms", (request, suggested) => {
  expect(suggestedAcquireMs(request)).toBe(suggested);
});
