// Prints the notes of one release: its section of CHANGELOG.md. Refuses a tag that is not the package's version.
//
//     npx tsx tools/ci/releaseNotes.ts --tag v0.1.0
import { readFileSync } from "node:fs";
import { command, options, Stop } from "./support";

/**
 * @param changelog in the form of Keep a Changelog
 * @param tag `v` and the version
 * @param version of the package
 */
export function releaseNotes(changelog: string, tag: string, version: string): string {
  if (tag !== `v${version}`) {
    throw new Stop(
      `the tag is ${tag} and policies/package.json says ${version}: tag v${version}, or change the version`,
    );
  }
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((each) => each.startsWith(`## [${version}]`));
  if (!section) throw new Stop(`CHANGELOG.md has no section [${version}]: rename [Unreleased] to it`);
  const notes = section
    .split("\n")
    .slice(1)
    .join("\n")
    .replace(/^\[[^\]]+\]: .*$/gm, "")
    .trim();
  if (notes === "") throw new Stop(`the section [${version}] of CHANGELOG.md is empty`);
  return `${notes}\n`;
}

if (process.argv[1] === __filename) {
  command(() => {
    const tag = options(process.argv.slice(2), ["tag"]).required("tag");
    const { version } = JSON.parse(readFileSync("policies/package.json", "utf8"));
    process.stdout.write(releaseNotes(readFileSync("CHANGELOG.md", "utf8"), tag, version));
  });
}
