import type { CapacitySettings } from "../../../policies/model/defaults";
import type { ExceptionRequest } from "../../../policies/plan/settings";
import type { Expected } from "../expected";
import type { LiveState } from "../live/liveState";
import type { Measured } from "./measured";
import type { Limit, Windows } from "./windows";

/** Something that is not as the program, the policies or the declared demand have it: in sentences, one thing each. */
export interface Finding {
  /** What was found; a rule's id where a rule judges the same before a deployment. */
  readonly id: string;
  /** Name in AWS of what it is about. */
  readonly resource: string;
  /** `now`: the next peak, deployment or outage makes it felt. `soon`: it waits for a working day. */
  readonly urgency: "now" | "soon";
  readonly observed: string;
  readonly limit: string;
  readonly consequence: string;
  readonly fix: string;
  /** Page in this repository. */
  readonly docs: string;
}

/** Everything that the judgement reads. */
export interface Evidence {
  readonly expected: Expected;
  readonly live: LiveState;
  readonly capacity: CapacitySettings;
  readonly exceptions: readonly ExceptionRequest[];
  readonly measured: Measured;
  readonly limit: Limit;
  readonly windows: Windows;
}

/** A finding as one paragraph: observed → limit → consequence → fix → link. */
export function messageOf({ observed, limit, consequence, fix, docs }: Finding): string {
  return `${observed} ${limit} ${consequence} ${fix} (${docs}).`;
}

/** Deploys to the account that was reviewed, by what runs there rather than by what Pulumi remembers of it. */
export const deployCommand = ({ expected }: Pick<Evidence, "expected">): string =>
  `\`npm run up -- ${expected.stack} --real-aws --refresh\``;

export const GUIDE = "docs/guides/review.md";
