import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { configKeyOf, type Locations, type SourceLocation } from "../reports/locations";
import type { PlannedProject } from "./planProject";
import { type Project, qualifiedKey } from "./project";

/**
 * Finds the place to mend a finding: the line in the stack's file (or in the project's, where that declares the default)
 * of the config key that the fix names; else the line of the program that made the resource; else the stack's file.
 * Files are named from the repository's root.
 */
export function projectLocations({ project, stackFile, positions }: PlannedProject): Locations {
  const root = repositoryOf(project.root);
  const keys = new Map([
    ...configLines(project.file, project, root),
    ...(stackFile === undefined ? [] : configLines(stackFile, project, root)),
  ]);
  const whole = relativeTo(root, stackFile ?? project.file);
  return {
    at(finding) {
      const key = configKeyOf(finding);
      const known = (key && keys.get(key)) || programLine(positions.get(finding.resource), root);
      return known ?? (whole === undefined ? undefined : { file: whole });
    },
  };
}

/** The line of each key below `config:`, by its full name. */
function configLines(file: string, project: Project, root: string): (readonly [string, SourceLocation])[] {
  const shown = relativeTo(root, file);
  if (shown === undefined) return [];
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, "utf8"), { lineCounter: lines, logLevel: "silent" });
  const config = document.get("config", true);
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key }) => {
    if (!isScalar(key) || !key.range) return [];
    return [
      [
        qualifiedKey(project, String(key.value)),
        { file: shown, line: lines.linePos(key.range[0]).line },
      ] as const,
    ];
  });
}

function programLine(
  position: { readonly uri: string; readonly line: number } | undefined,
  root: string,
): SourceLocation | undefined {
  if (!position?.uri.startsWith("file:")) return undefined;
  const file = relativeTo(root, fileURLToPath(position.uri));
  // A component of a package is not the reader's to mend.
  if (file === undefined || file.split("/").includes("node_modules")) return undefined;
  return { file, line: position.line };
}

/** The nearest folder above that git keeps, else the project's own. */
function repositoryOf(projectRoot: string): string {
  for (let folder = projectRoot; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, ".git"))) return folder;
    if (folder === path.dirname(folder)) return projectRoot;
  }
}

/** Undefined for what lies outside. */
function relativeTo(root: string, file: string): string | undefined {
  const relative = path.relative(root, file);
  if (relative.startsWith("..") || path.isAbsolute(relative)) return undefined;
  return relative.split(path.sep).join("/");
}
