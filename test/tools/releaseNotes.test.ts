import { describe, expect, it } from "vitest";
import { releaseNotes } from "../../tools/ci/releaseNotes.mjs";

const CHANGELOG = `# Changelog

## [Unreleased]

- later

## [1.2.0] - 2025-01-01

### Added

- a rule

[1.2.0]: https://example.com
`;

describe("the notes of a release", () => {
  it("are its section of the changelog, and nothing of the others", () => {
    expect(releaseNotes(CHANGELOG, "v1.2.0", "1.2.0")).toBe("### Added\n\n- a rule\n");
  });

  it.each([
    ["another version's tag", "v1.3.0", "1.2.0", /tag v1\.2\.0, or change the version/],
    ["a version the changelog lacks", "v1.3.0", "1.3.0", /no section \[1\.3\.0\]/],
  ])("are refused for %s", (_what, tag, version, expected) => {
    expect(() => releaseNotes(CHANGELOG, tag, version)).toThrow(expected);
  });

  it("are refused where nothing is written", () => {
    expect(() => releaseNotes("## [1.0.0]\n\n## [0.9.0]\n\n- x\n", "v1.0.0", "1.0.0")).toThrow("is empty");
  });
});
