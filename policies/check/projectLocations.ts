import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { configKeyOf, editOf, type Locations, type SourceLocation } from "../reports/locations";
import { type Project, qualifiedKey } from "./project";
import type { SourcePosition, SourcePositions } from "./recordingMonitor";
import type { PlannedProject } from "./runProgram";

/**
 * Finds where a finding is fixed: the line in the stack's file (or in the project's, where that declares the default)
 * of the config key that the fix names; else the line of the program that made the resource; else the stack's file. Where
 * one line of a helper makes several resources, it is the call that made this one.
 * Files are named from the repository's root.
 */
export function projectLocations({ project, stackFile, positions }: Omit<PlannedProject, "plan">): Locations {
  const root = repositoryOf(project.root);
  const keys = new Map([
    ...configLines(project.file, project, root),
    ...(stackFile === undefined ? [] : configLines(stackFile, project, root)),
  ]);
  const programLines = linesOf(positions, root);
  const whole = relativeTo(root, stackFile ?? project.file);
  return {
    at(finding) {
      const key = configKeyOf(finding);
      const line = key === undefined ? undefined : keys.get(key);
      const known =
        line === undefined ? programLines.get(finding.resource) : { ...line, edit: editOf(finding) };
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

/** The line of each resource: of those it was made through, the innermost that no other resource of its constructor shares. */
function linesOf(positions: SourcePositions, root: string): ReadonlyMap<string, SourceLocation> {
  const groups = new Map<string, { readonly urn: string; readonly lines: readonly Line[] }[]>();
  for (const [urn, frames] of positions) {
    const lines = frames.flatMap((frame) => programLine(frame, root) ?? []);
    const [innermost] = lines;
    if (!innermost) continue;
    const group = groups.get(keyOf(innermost));
    if (group) group.push({ urn, lines });
    else groups.set(keyOf(innermost), [{ urn, lines }]);
  }
  return new Map(
    [...groups.values()].flatMap((group) => {
      const shared = new Map<string, number>();
      for (const { lines } of group)
        for (const key of new Set(lines.map(keyOf))) shared.set(key, (shared.get(key) ?? 0) + 1);
      return group.flatMap(({ urn, lines }) => {
        const own = lines.find((line) => shared.get(keyOf(line)) === 1) ?? lines[0];
        return own === undefined ? [] : [[urn, own] as const];
      });
    }),
  );
}

type Line = SourceLocation & { readonly line: number };

const keyOf = ({ file, line }: Line): string => `${file}:${line}`;

function programLine({ uri, line }: SourcePosition, root: string): Line | undefined {
  if (!uri.startsWith("file:")) return undefined;
  const file = relativeTo(root, fileURLToPath(uri));
  // A component of a package is not the reader's to mend.
  if (file === undefined || file.split("/").includes("node_modules")) return undefined;
  return { file, line };
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
