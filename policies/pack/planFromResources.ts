import type { PolicyResource } from "@pulumi/policy";
import type { Plan, PlanResource, PropertyMap } from "../plan/plan";
import { propertiesFromWire } from "../plan/wire";

/** The SDK's resources as a plan. Properties are read when a reader asks for them: most resources are never asked. */
export function planFromResources(resources: readonly PolicyResource[]): Plan {
  return { resources: resources.map((resource) => new ReadOnDemand(resource)) };
}

class ReadOnDemand implements PlanResource {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  /** The engine names the provider of what has one, and of components none. */
  readonly isCustom: true | undefined;
  private read: PropertyMap | undefined;

  constructor(private readonly resource: PolicyResource) {
    this.urn = resource.urn;
    this.type = resource.type;
    this.name = resource.name;
    this.parent = resource.parent?.urn;
    this.isCustom = resource.provider === undefined ? undefined : true;
  }

  get properties(): PropertyMap {
    this.read ??= propertiesFromWire(this.resource.props);
    return this.read;
  }

  get propertyDependencies(): { readonly [property: string]: readonly string[] } {
    const entries = Object.entries(this.resource.propertyDependencies).map(
      ([property, made]) => [property, made.map(({ urn }) => urn)] as const,
    );
    return Object.fromEntries(entries);
  }

  get dependencies(): readonly string[] {
    return this.resource.dependencies.map(({ urn }) => urn);
  }
}
