/**
 * Stryker hands over what the tests of a file have covered as everything covered so far. In one context for all files
 * that would be each file's share as often as there are files after it, and more than the memory holds.
 */
interface Stryker {
  readonly mutantCoverage?: { readonly perTest: { [test: string]: unknown } };
}

const { __stryker__: stryker } = globalThis as typeof globalThis & { readonly __stryker__?: Stryker };
const perTest = stryker?.mutantCoverage?.perTest ?? {};
// In place: what is instrumented keeps the object.
for (const test of Object.keys(perTest)) delete perTest[test];
