import { type PropertyMap, type PropertyValue, UNKNOWN } from "../plan";
import { isMap } from "../reading";

/** The account every offline run pretends to be: AWS's own documentation example, so it belongs to no customer. */
export const ACCOUNT_ID = "123456789012";

/** Zones the fictional account has in every region. */
const ZONE_LETTERS = ["a", "b", "c"] as const;

/**
 * Answers a data source call from the table, without AWS.
 *
 * @returns undefined for a token that is not here: the caller must say so, with the token, and never answer
 * with something empty
 */
export function answerInvoke(token: string, args: PropertyMap, region: string): PropertyMap | undefined {
  const asked = args.region;
  return ANSWERS[token]?.(args, typeof asked === "string" ? asked : region);
}

/** The tokens `answerInvoke` knows. */
export function knownInvokes(): readonly string[] {
  return Object.keys(ANSWERS);
}

const ANSWERS: { readonly [token: string]: (args: PropertyMap, region: string) => PropertyMap } = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: ACCOUNT_ID,
    arn: `arn:aws:iam::${ACCOUNT_ID}:user/offline`,
    id: ACCOUNT_ID,
    userId: "AIDAOFFLINEOFFLINEOFF",
  }),
  "aws:index/getRegion:getRegion": (args, region) => {
    const name = typeof args.name === "string" ? args.name : region;
    return {
      description: `Offline (${name})`,
      endpoint: `ec2.${name}.amazonaws.com`,
      id: name,
      name,
      region: name,
    };
  },
  "aws:index/getPartition:getPartition": () => ({
    dnsSuffix: "amazonaws.com",
    id: "aws",
    partition: "aws",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": availabilityZones,
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
};

function availabilityZones(args: PropertyMap, region: string): PropertyMap {
  const zones = ZONE_LETTERS.map((letter, index) => ({
    name: `${region}${letter}`,
    id: `${shortRegion(region)}-az${index + 1}`,
  })).filter(({ name, id }) => !includes(args.excludeNames, name) && !includes(args.excludeZoneIds, id));
  return {
    ...args,
    groupNames: [region],
    id: region,
    names: zones.map((zone) => zone.name),
    region,
    zoneIds: zones.map((zone) => zone.id),
  };
}

/** `ap-southeast-2` is `apse2` in the ids of its zones. */
export function shortRegion(region: string): string {
  return region.replace(/north|south|east|west|central|gov/g, (word) => word.charAt(0)).replaceAll("-", "");
}

function includes(list: PropertyValue | undefined, item: string): boolean {
  return Array.isArray(list) && list.includes(item);
}

type Json = { readonly [key: string]: unknown };
type Statement = Json & { readonly Sid?: string };
interface Document {
  readonly version: string;
  readonly id: string;
  readonly statements: readonly Statement[];
}

const DEFAULT_VERSION = "2012-10-17";

/**
 * `aws.iam.getPolicyDocument`: the JSON that the provider writes, which it does without AWS. Unknown when anything in
 * the arguments is.
 *
 * Source: terraform-provider-aws, `internal/service/iam/policy_document_data_source.go` and `policy_model.go`.
 * @throws Error for what the provider refuses: a Sid that occurs twice, a source that is not JSON.
 */
export function policyDocument(args: PropertyMap): PropertyMap {
  const echoed = { version: DEFAULT_VERSION, ...args };
  if (holdsUnknown(args)) return { ...echoed, id: UNKNOWN, json: UNKNOWN, minifiedJson: UNKNOWN };

  const own: Document = {
    version: text(args.version) || DEFAULT_VERSION,
    id: text(args.policyId),
    statements: maps(args.statements).map(statement),
  };
  const sources = texts(args.sourcePolicyDocuments).map(read);
  assertUniqueSids(own.statements);
  assertUniqueSids(sources.flatMap(({ statements }) => statements));
  const overrides = texts(args.overridePolicyDocuments).map(read);
  const { version, id, statements } = [...sources, own, ...overrides].reduce(merged);

  const content = withoutEmpty({ Version: version, Id: id, Statement: statements });
  const json = escaped(JSON.stringify(content, null, 2));
  const minifiedJson = escaped(JSON.stringify(content));
  return { ...echoed, id: String(crc32(json)), json, minifiedJson };
}

function statement(given: PropertyMap): Statement {
  return withoutEmpty({
    Sid: text(given.sid),
    Effect: text(given.effect) || "Allow",
    Action: oneOrSorted(given.actions, asIs),
    NotAction: oneOrSorted(given.notActions, asIs),
    Resource: oneOrSorted(given.resources),
    NotResource: oneOrSorted(given.notResources),
    Principal: principals(given.principals),
    NotPrincipal: principals(given.notPrincipals),
    Condition: conditions(given.conditions),
  });
}

function principals(given: PropertyValue | undefined): unknown {
  const blocks = maps(given).map(({ type, identifiers }) => ({ type: text(type), ids: texts(identifiers) }));
  const [only] = blocks;
  if (blocks.length === 1 && only?.type === "*" && only.ids.join() === "*") return "*";
  const byType = new Map<string, string[]>();
  for (const { type, ids } of blocks) byType.set(type, [...(byType.get(type) ?? []), ...ids]);
  return sortedByKey([...byType].map(([type, ids]) => [type, oneOrSorted(ids)]));
}

function conditions(given: PropertyValue | undefined): unknown {
  const byTest = new Map<string, Map<string, string[]>>();
  for (const { test, variable, values } of maps(given)) {
    const byVariable = byTest.get(text(test)) ?? new Map<string, string[]>();
    byTest.set(text(test), byVariable);
    const before = byVariable.get(text(variable)) ?? [];
    byVariable.set(text(variable), [...before, ...texts(values).map(withVariables)]);
  }
  return sortedByKey(
    [...byTest].map(([test, byVariable]) => [
      test,
      sortedByKey([...byVariable].map(([name, values]) => [name, values.length === 1 ? values[0] : values])),
    ]),
  );
}

/** A document given as JSON. Its statements stay as they are written, but for the order of their fields. */
function read(json: string): Document {
  const content: unknown = JSON.parse(json);
  const { Version, Id, Statement } = isJson(content) ? content : {};
  const statements = Array.isArray(Statement) ? Statement.filter(isJson) : [];
  return {
    version: typeof Version === "string" ? Version : "",
    id: typeof Id === "string" ? Id : "",
    statements: statements.map((each) =>
      withoutEmpty(Object.fromEntries(FIELDS.map((field) => [field, each[field]]))),
    ),
  };
}

const FIELDS = [
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Principal",
  "NotPrincipal",
  "Condition",
] as const;

/** A statement takes the place of an earlier one with its Sid. */
function merged(into: Document, next: Document): Document {
  const statements = [...into.statements];
  for (const each of next.statements) {
    const at = each.Sid ? statements.findIndex(({ Sid }) => Sid === each.Sid) : -1;
    if (at < 0) statements.push(each);
    else statements[at] = each;
  }
  return {
    version: next.version > into.version ? next.version : into.version,
    id: next.id || into.id,
    statements,
  };
}

function assertUniqueSids(statements: readonly Statement[]): void {
  const seen = new Set<string>();
  for (const { Sid } of statements) {
    if (!Sid) continue;
    if (seen.has(Sid)) throw new Error(`getPolicyDocument: two statements have the Sid ${Sid}: rename one`);
    seen.add(Sid);
  }
}

/** The provider writes a set of one as its text, and a longer one in falling order. */
function oneOrSorted(given: PropertyValue | undefined, change = withVariables): unknown {
  const items = [...new Set(texts(given))].sort().reverse().map(change);
  return items.length === 1 ? items[0] : items.length === 0 ? undefined : items;
}

const asIs = (item: string): string => item;

/** IAM's own variables are written `&{…}`, because `${…}` was Terraform's. */
const withVariables = (item: string): string => item.replaceAll("&{", "${");

function withoutEmpty(fields: Json): Json {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== "" &&
        value !== null &&
        !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function sortedByKey(entries: readonly (readonly [string, unknown])[]): Json | undefined {
  if (entries.length === 0) return undefined;
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Go's encoder escapes what HTML minds. */
const escaped = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The provider's id is the document's CRC-32 (IEEE, over UTF-8). */
function crc32(content: string): number {
  let sum = 0xffffffff;
  for (const byte of new TextEncoder().encode(content)) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}

const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text = (value: PropertyValue | undefined): string => (typeof value === "string" ? value : "");

const texts = (value: PropertyValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];

const maps = (value: PropertyValue | undefined): PropertyMap[] =>
  Array.isArray(value) ? value.filter((item) => isMap(item)) : [];

function holdsUnknown(value: PropertyValue): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isMap(value) && Object.values(value).some(holdsUnknown);
}
