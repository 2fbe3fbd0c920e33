import { createHash } from "node:crypto";
import type { Location, Log, ReportingDescriptor, Result } from "sarif";
import { printable } from "../kit/text";
import { CATALOGUE } from "../rules/catalogue";
import type { Level } from "../rules/rule";
import { nameOf } from "./headline";
import { type Locations, pageOf, repository, type SourceLocation } from "./locations";
import type { Report, ReportedException, ReportedViolation } from "./report";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

const NOWHERE: Locations = { at: () => undefined };

/**
 * The report as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), which code hosts show beside the lines that fix a
 * finding. What an exception lifts is there as suppressed, and what is undecided as a note.
 */
export function toSarif(report: Report, locations: Locations = NOWHERE): string {
  const fingerprint = fingerprints();
  const result = (finding: ReportedViolation, level: "error" | "warning" | "note", why?: string): Result => ({
    ruleId: finding.rule,
    ruleIndex: CATALOGUE.findIndex(({ id }) => id === finding.rule),
    level,
    message: { text: finding.message },
    locations: [place(finding, locations.at(finding))],
    partialFingerprints: { "poolproofFinding/v1": fingerprint(finding) },
    suppressions: why === undefined ? [] : [{ kind: "external", status: "accepted", justification: why }],
    properties: {
      observed: finding.observed,
      allowed: finding.allowed,
      unit: finding.unit,
      fix: finding.fix,
    },
  });
  const log: Log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "poolproof",
            ...(repository === undefined ? {} : { informationUri: repository.url }),
            rules: CATALOGUE.map(descriptor),
          },
        },
        // One run a stack: without it, the code host takes a second stack's findings as the first one's successor.
        automationDetails: { id: `poolproof/${printable(report.stack)}/` },
        columnKind: "utf16CodeUnits",
        results: [
          ...report.violations.map((finding) => result(finding, LEVELS[finding.level])),
          ...report.undecided.map((entry) => result(undecidedFinding(entry), "note")),
          ...report.exceptions.flatMap((exception) =>
            exception.findings.map((finding) =>
              result(finding, LEVELS[finding.level], printable(justification(exception))),
            ),
          ),
        ],
        properties: { stack: report.stack, verdict: report.verdict },
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const LEVELS = { mandatory: "error", advisory: "warning" } as const satisfies { [level in Level]: string };

function descriptor({
  id,
  title,
  description,
  remediationSteps,
  level,
  severity,
}: (typeof CATALOGUE)[number]): ReportingDescriptor {
  const page = pageOf(id);
  return {
    id,
    name: title,
    shortDescription: { text: title },
    fullDescription: { text: description },
    help: { text: `${description} ${remediationSteps}` },
    ...(page === undefined ? {} : { helpUri: page }),
    defaultConfiguration: { level: LEVELS[level] },
    properties: { tags: ["database", "connections"], severity },
  };
}

const justification = ({ id, reason, owner, expires }: ReportedException): string =>
  id === undefined
    ? `${reason} (${owner}, until ${expires})`
    : `${reason} (Pulumi's exception ${id}, permanent, owner ${owner})`;

function place({ resource }: ReportedViolation, source: SourceLocation | undefined): Location {
  const logical = [{ name: printable(nameOf(resource)), fullyQualifiedName: resource, kind: "resource" }];
  if (source === undefined) return { logicalLocations: logical };
  const region = source.line === undefined ? {} : { region: { startLine: source.line } };
  const uri = source.file.split("/").map(encodeURIComponent).join("/");
  return { physicalLocation: { artifactLocation: { uri }, ...region }, logicalLocations: logical };
}

function undecidedFinding(entry: Report["undecided"][number]): ReportedViolation {
  const { rule, resource, property, reason } = entry;
  const message = printable(`\`${property}\` is not decided before the deployment: ${reason}.`);
  const fix = `Make \`${printable(property)}\` known at preview`;
  const numbers = { observed: null, allowed: null, unit: null };
  return { rule, level: "advisory", resource, message, fix, docs: "", ...numbers };
}

/**
 * A mark that stays the same while a finding is not fixed: of the rule, the resource and the first name in the message,
 * not of numbers or lines, which move. Findings that these do not tell apart are counted.
 */
function fingerprints(): (finding: ReportedViolation) => string {
  const seen = new Map<string, number>();
  return ({ rule, resource, message }) => {
    const [, subject = ""] = /`([^`]*)`/.exec(message) ?? [];
    const key = JSON.stringify([rule, resource, subject]);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return createHash("sha256").update(`${key}#${nth}`).digest("hex");
  };
}
