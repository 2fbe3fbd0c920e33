import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { resourceTypes } from "../resourceTypes";

/** Resources that start tasks without a service, and the properties that name the task definition. */
const STARTERS = [
  { types: resourceTypes.eventTarget, property: "ecsTarget" },
  { types: resourceTypes.schedule, property: "target" },
  { types: resourceTypes.stateMachine, property: "definition" },
] as const;

/** A resource that runs tasks of a definition by the clock or on an event. */
export interface ScheduledTask {
  readonly starter: PlanResource;
  readonly taskDefinition: PlanResource;
}

/** Tasks that EventBridge rules, EventBridge schedules and state machines run. */
export function scheduledTasks(index: PlanIndex): ScheduledTask[] {
  return STARTERS.flatMap(({ types, property }) =>
    index
      .ofType(types)
      .flatMap((starter) =>
        index
          .dependenciesOf(starter, property, resourceTypes.ecsTaskDefinition)
          .map((taskDefinition) => ({ starter, taskDefinition })),
      ),
  );
}
