import {
  NATIVE,
  NATIVE_CLUSTER_INSTANCE,
  type Part,
  type Spelling,
  TERRAFORM,
  type Use,
} from "./dialects.data";
import { EVERY_PROPERTY, type PlanResource, type PropertyMap, type PropertyValue, UNKNOWN } from "./plan";
import { isMap, ownEntry } from "./reading";

type Dependencies = PlanResource["propertyDependencies"];

/**
 * A resource as Pulumi's classic AWS provider (`aws:`) writes it, whichever provider the program uses; the same object
 * where its type is not in a table. URN, name and parent stay. The tables hold
 *
 * - Pulumi's AWS Cloud Control provider: `aws-native:rds:DbInstance`;
 * - any Terraform provider (`pulumi package add terraform-provider hashicorp/aws`): `aws:index/dbInstance:DbInstance`;
 * - Terraform modules (`pulumi package add terraform-module …`): `PACKAGE:tf:aws_db_instance`.
 *
 * Only the type is read here, and of a `DbInstance` whether it names a cluster; properties are converted when a reader
 * asks for them.
 */
export function canonical(resource: PlanResource): PlanResource {
  const spelling = spellingOf(resource);
  return spelling === undefined ? resource : new Canonical(resource, spelling, isOfModule(resource));
}

/**
 * What the classic provider holds in resources of their own, and this one in lists: the targets of a proxy, the
 * scheduled actions and the targets of a rule. They go by the URN of the resource that they are written in.
 */
export function parts(resource: PlanResource): readonly PlanResource[] {
  const spelling = spellingOf(resource);
  return (spelling?.parts ?? []).flatMap((part) => partsIn(resource, part));
}

const BY_TYPE: ReadonlyMap<string, Spelling> = new Map([
  ...Object.entries(NATIVE).map(([type, spelling]) => [`aws-native:${type}`, spelling] as const),
  ...Object.entries(TERRAFORM).map(([type, spelling]) => [bridgedToken(type), spelling] as const),
]);

/** `aws_db_instance` as the bridge for any Terraform provider names it: `aws:index/dbInstance:DbInstance`. */
function bridgedToken(type: string): string {
  const name = camelCase(type.replace(/^aws_/, ""));
  return `aws:index/${name}:${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** Of a Terraform module's resource, between its package and its type. */
const OF_MODULE = ":tf:";

const isOfModule = ({ type }: PlanResource): boolean => type.includes(OF_MODULE);

function spellingOf(resource: PlanResource): Spelling | undefined {
  const { type } = resource;
  if (type === "aws-native:rds:DbInstance" && isClusterInstance(resource)) return NATIVE_CLUSTER_INSTANCE;
  const spelling = BY_TYPE.get(type);
  if (spelling !== undefined) return spelling;
  const at = type.indexOf(OF_MODULE);
  return at < 0 ? undefined : ownSpelling(type.slice(at + OF_MODULE.length));
}

const ownSpelling = (type: string): Spelling | undefined =>
  Object.hasOwn(TERRAFORM, type) ? TERRAFORM[type] : undefined;

function isClusterInstance({ propertyDependencies, properties }: PlanResource): boolean {
  const cluster = "dbClusterIdentifier";
  if (Object.hasOwn(propertyDependencies, cluster) && propertyDependencies[cluster]?.length) return true;
  const identifier = ownEntry(properties, cluster);
  return typeof identifier === "string" && identifier !== "";
}

class Canonical implements PlanResource {
  readonly urn: string;
  readonly type: string;
  readonly givenType: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly isCustom: boolean | undefined;
  readonly secretProperties: readonly string[];
  private made: PropertyMap | undefined;
  private from: Dependencies | undefined;

  constructor(
    private readonly given: PlanResource,
    private readonly spelling: Spelling,
    private readonly isOfModule: boolean,
  ) {
    this.urn = given.urn;
    this.type = spelling.type;
    this.givenType = given.type;
    this.name = given.name;
    this.parent = given.parent;
    this.isCustom = given.isCustom;
    this.secretProperties = (given.secretProperties ?? []).flatMap((property) =>
      usesOf(property, spelling).map(({ as }) => as),
    );
  }

  get properties(): PropertyMap {
    this.made ??= propertiesOf(this.given.properties, this.spelling);
    return this.made;
  }

  get propertyDependencies(): Dependencies {
    this.from ??= this.isOfModule ? this.ofModule() : this.renamed(this.given.propertyDependencies);
    return this.from;
  }

  get whyUnknown(): { readonly [property: string]: string } {
    return table(
      Object.entries(this.given.whyUnknown ?? {}).flatMap(([property, reason]) =>
        usesOf(property, this.spelling).map(({ as }) => [as, reason] as const),
      ),
    );
  }

  get dependencies(): readonly string[] {
    return this.given.dependencies;
  }

  /**
   * A module's resources name nothing that they were made from, so that what Terraform leaves to the provider and what
   * comes from another resource look alike: each unknown is taken for one that the program made. Where nothing is there at
   * all (the engine shows policies no inputs of a module's resources), nothing is taken for unset.
   */
  private ofModule(): Dependencies {
    if (Object.keys(this.given.properties).length === 0) return EVERY_PROPERTY;
    const hidden = Object.entries(this.properties).filter(([, value]) => value === UNKNOWN);
    const none = table(hidden.map(([property]) => [property, []] as const));
    return { ...none, ...this.renamed(this.given.propertyDependencies) };
  }

  private renamed(given: Dependencies): Dependencies {
    const entries = Object.entries(given);
    // Also of `EVERY_PROPERTY`, which lists none and has them all.
    if (entries.length === 0) return given;
    const made: { [property: string]: string[] } = Object.create(null);
    for (const [property, urns] of entries) {
      for (const { as } of usesOf(property, this.spelling)) made[as] = [...(made[as] ?? []), ...urns];
    }
    return made;
  }
}

function usesOf(given: string, spelling: Spelling): readonly Use[] {
  const name = spelling.isTerraform ? camelCase(given) : given;
  return spelling.uses.get(name) ?? [{ as: name }];
}

/** What is listed comes first: an output may have the name of another property in the classic provider. */
function propertiesOf(given: PropertyMap, spelling: Spelling): PropertyMap {
  const made: { [property: string]: PropertyValue } = Object.create(null);
  const entries = Object.entries(spelling.isTerraform ? inCamelCase(given) : given);
  const [listed, others] = [
    entries.filter(([property]) => spelling.uses.has(property)),
    entries.filter(([property]) => !spelling.uses.has(property)),
  ];
  for (const [property, value] of [...listed, ...others]) {
    for (const one of usesOf(property, spelling)) {
      const converted = convert(value, one);
      if (converted !== undefined && (made[one.as] ?? null) === null) made[one.as] = converted;
    }
  }
  for (const [property, value] of Object.entries(spelling.defaults ?? {})) made[property] ??= value;
  return made;
}

const convert = (value: PropertyValue, { by }: Use): PropertyValue | undefined =>
  by === undefined || value === UNKNOWN || value === null ? value : by(value);

function partsIn(resource: PlanResource, { list, type, item, shared }: Part): PlanResource[] {
  const { properties, propertyDependencies, urn, name, dependencies, parent } = resource;
  const isMade = Object.hasOwn(propertyDependencies, list);
  const given = ownEntry(properties, list) ?? (isMade ? UNKNOWN : []);
  const items: readonly PropertyValue[] = Array.isArray(given) ? given : [given];
  const common = shared.map((property) => [property, ownEntry(properties, property) ?? null] as const);
  const from = [...shared.map((property) => [property, property] as const), [item.as, list] as const];
  const made = from.flatMap(([as, property]) =>
    Object.hasOwn(propertyDependencies, property)
      ? [[as, propertyDependencies[property] ?? []] as const]
      : [],
  );
  return items.map((value) => ({
    urn,
    type,
    givenType: resource.type,
    name,
    parent,
    dependencies,
    properties: table([...common, [item.as, convert(value, item) ?? null] as const]),
    propertyDependencies: table(made),
  }));
}

/** `engine_version` as `engineVersion`; a name in camel case stays. */
function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Objects whose keys are the user's own. */
const OWN_KEYS: ReadonlySet<string> = new Set(["tags", "tagsAll", "variables", "dimensions"]);

/** A Terraform resource's properties and what is inside its blocks; an empty list is a block that was not written. */
function inCamelCase(map: PropertyMap): PropertyMap {
  return table(
    Object.entries(map).flatMap(([key, value]) => {
      const name = camelCase(key);
      if (Array.isArray(value) && value.length === 0) return [];
      return [[name, OWN_KEYS.has(name) ? value : inside(value)] as const];
    }),
  );
}

function inside(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return (value as readonly PropertyValue[]).map(inside);
  return isMap(value) ? inCamelCase(value) : value;
}

/** An object without a prototype: the keys are the program's, and `__proto__` may be one of them. */
function table<T>(entries: readonly (readonly [string, T])[]): { readonly [key: string]: T } {
  const made: { [key: string]: T } = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}
