import { type PropertyMap, type PropertyValue, UNKNOWN } from "../plan/plan";
import { isMap, ownEntry } from "../plan/reading";

/** A resource that a component makes, as far as the component's inputs show it. */
export interface MadeResource {
  readonly type: string;
  readonly name: string;
  readonly properties: PropertyMap;
  /** For each property that is set: the component's input that it was made from. */
  readonly madeFrom: { readonly [property: string]: string };
  /** The property, if any, that names the resource made before this one. */
  readonly follows?: string;
}

const SERVICE = "aws:ecs/service:Service";
const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";

/**
 * What the components of `@pulumi/awsx` make that may hold a pool, from their inputs (schema of version 3.9.0; the names
 * and defaults are those of its `ecs/fargateService.ts` and `ecs/containers.ts`). The code of such a component runs in the
 * engine alone. Empty for every other component.
 */
export function madeBy(type: string, name: string, inputs: PropertyMap): readonly MadeResource[] {
  switch (type) {
    case "awsx:ecs:FargateService":
    case "awsx:ecs:EC2Service":
      return serviceOf(type, name, inputs);
    case "awsx:ecs:FargateTaskDefinition":
    case "awsx:ecs:EC2TaskDefinition":
      return [taskDefinitionOf(name, inputs, (property) => property)];
    default:
      return [];
  }
}

function serviceOf(type: string, name: string, inputs: PropertyMap): readonly MadeResource[] {
  const described = ownEntry(inputs, "taskDefinitionArgs");
  const { taskDefinitionArgs: _, ...own } = inputs;
  const service: PropertyMap = {
    desiredCount: 1,
    launchType: type === "awsx:ecs:FargateService" ? "FARGATE" : "EC2",
    ...own,
    ...(described === undefined ? {} : { taskDefinition: UNKNOWN }),
    ...(inputs.loadBalancers === undefined && mayHaveTargets(described) ? { loadBalancers: UNKNOWN } : {}),
  };
  const madeFrom = Object.fromEntries(Object.keys(service).map((property) => [property, property]));
  if (described === undefined) return [{ type: SERVICE, name, properties: service, madeFrom }];
  return [
    taskDefinitionOf(name, isMap(described) ? described : undefined, () => "taskDefinitionArgs"),
    {
      type: SERVICE,
      name,
      properties: service,
      madeFrom: {
        ...madeFrom,
        taskDefinition: "taskDefinitionArgs",
        // A property that is made from something and absent would be unknown.
        ...(service.loadBalancers === UNKNOWN ? { loadBalancers: "taskDefinitionArgs" } : {}),
      },
      follows: "taskDefinition",
    },
  ];
}

function taskDefinitionOf(
  name: string,
  described: PropertyMap | undefined,
  from: (property: string) => string,
): MadeResource {
  const { container, containers, ...own }: PropertyMap = described ?? { containers: UNKNOWN };
  const properties: PropertyMap = {
    family: UNKNOWN,
    ...own,
    containerDefinitions: definitions(container, containers),
  };
  const sources = Object.keys(properties).map((property) => [property, from(property)]);
  const containerSource = from(container === undefined ? "containers" : "container");
  return {
    type: TASK_DEFINITION,
    name,
    properties,
    madeFrom: { ...Object.fromEntries(sources), containerDefinitions: containerSource },
  };
}

/** A single container is named `container` unless it says otherwise; of several the keys are the names. */
function definitions(
  container: PropertyValue | undefined,
  containers: PropertyValue | undefined,
): PropertyValue {
  if (isMap(container)) return [{ name: "container", ...container }];
  if (!isMap(containers)) return UNKNOWN;
  return Object.entries(containers).map(([name, each]) => (isMap(each) ? { ...each, name } : UNKNOWN));
}

/** Whether the port mappings of the containers may name target groups, which awsx makes load balancers of. */
function mayHaveTargets(described: PropertyValue | undefined): boolean {
  if (described === undefined) return false;
  if (!isMap(described)) return true;
  const { container, containers } = described;
  const all: readonly PropertyValue[] = isMap(containers)
    ? Object.values(containers)
    : [container ?? containers ?? UNKNOWN];
  return all.some((each) => {
    if (!isMap(each)) return true;
    const mappings = each.portMappings ?? [];
    return (
      !Array.isArray(mappings) ||
      mappings.some((mapping) => !isMap(mapping) || mapping.targetGroup !== undefined)
    );
  });
}
