import { ecrRepository } from "../service/imageReference";
import { isFargateSize, nearestFargateSize } from "../service/taskSize";
import type { SettingName, Settings } from "./settings";

/** A fact that holds between settings: which ones it needs, and what is wrong where it does not hold. */
export interface CrossField {
  readonly needs: readonly SettingName[];
  /** Looks at the needed settings alone: the others may not have been readable. */
  readonly check: (settings: Settings) => Finding | undefined;
}

interface Finding {
  readonly at: SettingName;
  readonly message: string;
  /** The value to set instead. */
  readonly value: string | number;
}

function crossField<const Name extends SettingName>(
  needs: readonly Name[],
  check: (settings: Pick<Settings, Name>) => Finding | undefined,
): CrossField {
  return { needs, check };
}

/** What must hold between settings for the stack to make sense at all. Whether it is safe is for the policies. */
export const crossFields: readonly CrossField[] = [
  crossField(["minTasks", "maxTasks"], ({ minTasks, maxTasks }) =>
    minTasks <= maxTasks
      ? undefined
      : {
          at: "maxTasks",
          message: `maxTasks is ${maxTasks}, below minTasks ${minTasks}: autoscaling has no range`,
          value: minTasks,
        },
  ),
  crossField(["minTasks", "maxTasks", "tasksAtPeak"], ({ minTasks, maxTasks, tasksAtPeak }) =>
    minTasks > maxTasks || (tasksAtPeak >= minTasks && tasksAtPeak <= maxTasks)
      ? undefined
      : {
          at: "tasksAtPeak",
          message: `tasksAtPeak is ${tasksAtPeak}, but the service runs ${minTasks} to ${maxTasks} tasks`,
          value: minTasks,
        },
  ),
  crossField(["minimumHealthyPercent", "maximumPercent"], ({ minimumHealthyPercent, maximumPercent }) =>
    minimumHealthyPercent < maximumPercent
      ? undefined
      : {
          at: "maximumPercent",
          message: `maximumPercent is ${maximumPercent} and minimumHealthyPercent ${minimumHealthyPercent}: a deployment could neither start nor stop a task`,
          value: minimumHealthyPercent + 100,
        },
  ),
  crossField(["environment", "certificateArn"], ({ environment, certificateArn }) =>
    environment === "dev" || certificateArn !== ""
      ? undefined
      : {
          at: "certificateArn",
          message: "certificateArn is missing: outside dev, passwords must not travel over plain HTTP",
          value: "arn:aws:acm:REGION:ACCOUNT:certificate/ID",
        },
  ),
  crossField(["egress", "image"], ({ egress, image }) =>
    egress !== "endpoints" || ecrRepository(image) !== undefined
      ? undefined
      : {
          at: "egress",
          message: `egress is endpoints, but the image ${image} is not in ECR: no task could fetch it. Push it to ECR and set auth:image, or open a way out`,
          value: "nat-single",
        },
  ),
  crossField(["taskCpu", "taskMemoryMib"], ({ taskCpu, taskMemoryMib }) => {
    if (isFargateSize(taskCpu, taskMemoryMib)) return undefined;
    const size = nearestFargateSize(taskCpu, taskMemoryMib);
    const message = `Fargate has no task of ${taskCpu} CPU units with ${taskMemoryMib} MiB; the nearest is ${size.cpu} with ${size.memoryMib}`;
    return size.cpu === taskCpu
      ? { at: "taskMemoryMib", message, value: size.memoryMib }
      : { at: "taskCpu", message, value: size.cpu };
  }),
  crossField(["storageGib", "maxStorageGib"], ({ storageGib, maxStorageGib }) =>
    storageGib <= maxStorageGib
      ? undefined
      : {
          at: "maxStorageGib",
          message: `maxStorageGib is ${maxStorageGib}, below storageGib ${storageGib}`,
          value: storageGib,
        },
  ),
  crossField(["alarms", "alarmsDisabledReason"], ({ alarms, alarmsDisabledReason }) =>
    alarms === "enabled" || alarmsDisabledReason.trim() !== ""
      ? undefined
      : {
          at: "alarmsDisabledReason",
          message: "alarms are disabled without a reason: silence has to be explained",
          value: "short-lived test stack",
        },
  ),
];
