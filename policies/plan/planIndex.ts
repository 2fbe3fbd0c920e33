import { canonical, parts } from "./dialects";
import type { Plan, PlanResource, PropertyValue } from "./plan";
import { ownEntry } from "./reading";

/**
 * A plan with its resources, all as the classic provider writes them, found by URN, by type, by name and by who was made from whom, in the order of their
 * URNs. Each lookup table is built when it is first needed, so that a plan of 10,000 resources is walked a few
 * times and never once per service.
 */
export class PlanIndex {
  readonly resources: readonly PlanResource[];
  private readonly byUrn = new Map<string, PlanResource>();
  private readonly byType = new Map<string, PlanResource[]>();
  private parents: ReadonlySet<string> | undefined;
  private readonly tables = new Map<string, Map<string, PlanResource[]>>();

  constructor(plan: Plan) {
    // The engine hands resources over in no particular order; reports must not depend on it.
    const given = [...plan.resources].sort((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
    this.resources = given.map((each) => {
      const resource = canonical(each);
      this.byUrn.set(resource.urn, resource);
      append(this.byType, resource.type, resource);
      if (resource !== each) for (const part of parts(each)) append(this.byType, part.type, part);
      return resource;
    });
  }

  /** Whether a resource only groups others, which are looked at themselves; one without children is not taken for such. */
  isComponent({ urn, isCustom }: PlanResource): boolean {
    this.parents ??= new Set(this.resources.flatMap(({ parent }) => parent ?? []));
    return isCustom !== true && this.parents.has(urn);
  }

  get(urn: string): PlanResource | undefined {
    return this.byUrn.get(urn);
  }

  ofType(types: ReadonlySet<string>): readonly PlanResource[] {
    return [...types].flatMap((type) => this.byType.get(type) ?? []);
  }

  /** Resources of these types that the property's value was made from, directly. */
  dependenciesOf(resource: PlanResource, property: string, types: ReadonlySet<string>): PlanResource[] {
    return dependencyUrns(resource, property).flatMap((urn) => {
      const found = this.byUrn.get(urn);
      return found && types.has(found.type) ? [found] : [];
    });
  }

  /** Resources of these types whose property was made from the resource with this URN, directly. */
  usersOf(urn: string, types: ReadonlySet<string>, property: string): readonly PlanResource[] {
    const table = this.table(`users ${property} ${[...types]}`, types, (user) =>
      dependencyUrns(user, property),
    );
    return table.get(urn) ?? [];
  }

  /** Resources of these types whose property is known to be this text, letter case aside. */
  named(types: ReadonlySet<string>, property: string, text: string): readonly PlanResource[] {
    const table = this.table(`named ${property} ${[...types]}`, types, ({ properties }) => {
      const value = ownEntry(properties, property);
      return typeof value === "string" ? [value.toLowerCase()] : [];
    });
    return table.get(text.toLowerCase()) ?? [];
  }

  /** Resources of these types whose property, a known text, is a path below this one; none for what is not a path. */
  below(types: ReadonlySet<string>, property: string, path: string): readonly PlanResource[] {
    if (!/^\/[\w./-]+$/.test(path)) return [];
    const start = `${path.replace(/\/$/, "")}/`;
    return this.ofType(types).filter(({ properties }) => {
      const value = ownEntry(properties, property);
      return typeof value === "string" && value.startsWith(start);
    });
  }

  /** Resources of these types whose property, a known text, holds this key, as `keyOf` takes it out of the text. */
  keyed(
    types: ReadonlySet<string>,
    property: string,
    key: string,
    keyOf: (text: string) => string,
  ): readonly PlanResource[] {
    const table = this.table(`${keyOf.name} ${property} ${[...types]}`, types, ({ properties }) => {
      const value = ownEntry(properties, property);
      return typeof value === "string" ? [keyOf(value)] : [];
    });
    return table.get(key) ?? [];
  }

  /** Resources of these types whose property holds this text somewhere inside. */
  holding(types: ReadonlySet<string>, property: string, text: string): readonly PlanResource[] {
    const table = this.table(`holding ${property} ${[...types]}`, types, ({ properties }) =>
      textsIn(ownEntry(properties, property)),
    );
    return table.get(text) ?? [];
  }

  private table(
    id: string,
    types: ReadonlySet<string>,
    keysOf: (resource: PlanResource) => readonly string[],
  ): ReadonlyMap<string, readonly PlanResource[]> {
    const existing = this.tables.get(id);
    if (existing) return existing;
    const table = new Map<string, PlanResource[]>();
    for (const resource of this.ofType(types)) {
      for (const key of new Set(keysOf(resource))) append(table, key, resource);
    }
    this.tables.set(id, table);
    return table;
  }

  /**
   * Wanted resources that are reached from these URNs along value dependencies. A wanted resource is not searched any
   * further: what lies behind a proxy belongs to the proxy.
   */
  reach(from: readonly string[], isWanted: (resource: PlanResource) => boolean): PlanResource[] {
    const seen = new Set<string>();
    const open = [...from];
    const found: PlanResource[] = [];
    for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
      if (seen.has(urn)) continue;
      seen.add(urn);
      const resource = this.byUrn.get(urn);
      if (!resource) continue;
      if (isWanted(resource)) found.push(resource);
      else for (const urns of Object.values(resource.propertyDependencies)) open.push(...urns);
    }
    return found.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  }
}

/** URNs that a property's value was made from. */
export function dependencyUrns(resource: PlanResource | undefined, property: string): readonly string[] {
  if (!resource || !Object.hasOwn(resource.propertyDependencies, property)) return [];
  return resource.propertyDependencies[property] ?? [];
}

function textsIn(value: PropertyValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function append(table: Map<string, PlanResource[]>, key: string, resource: PlanResource): void {
  const list = table.get(key);
  if (list) list.push(resource);
  else table.set(key, [resource]);
}

/** Stack and project of a plan, from the URN of any of its resources: `urn:pulumi:STACK::PROJECT::…`. */
export function stackAndProject(plan: Plan): { stack: string; project: string } {
  for (const { urn } of plan.resources) {
    const match = /^urn:pulumi:(.*?)::(.*?)::/.exec(urn);
    if (match) return { stack: match[1] ?? "", project: match[2] ?? "" };
  }
  return { stack: "", project: "" };
}

/** URN of the stack itself, which findings about the stack as a whole are reported on. */
export const rootUrn = (plan: Plan): string => stackUrn(stackAndProject(plan));

/** The same of a stack and a project by name, as Pulumi makes it (resource.DefaultRootStackURN). */
export function stackUrn({ stack, project }: { readonly stack: string; readonly project: string }): string {
  return `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;
}
