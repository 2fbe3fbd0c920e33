import type { JsonValue } from "../../../../policies/plan/provider";
import recorded from "./recorded.data.json";

/** What the real provider made of one resource, reduced to what is compared. */
export interface Recorded {
  readonly type: string;
  readonly logicalName: string;
  /** The random digits it drew for the name, if it made one. */
  readonly suffix?: string;
  /** What the program gave. */
  readonly given: { readonly [property: string]: JsonValue };
  /** What Check added. */
  readonly added: { readonly [property: string]: JsonValue };
  readonly id: string;
  /** Some of the outputs it read back after Create. */
  readonly decided: { readonly [property: string]: JsonValue };
}

export const RECORDED_REGION = "us-west-2";
export const RECORDED_ACCOUNT = "616138583583";

/**
 * Facts out of github.com/pulumi/pulumi-aws, `provider/testdata/recorded/TestProviderUpgrade/<case>/5.42.0`,
 * `state.json` and `grpc.json` (Apache-2.0): version 5.42.0 of the provider against AWS, in our own form. Its `case` names
 * the folder.
 *
 * Where version 7.48.0 is known to differ, the test that uses a fact says so.
 */
export const RECORDED: readonly Recorded[] = recorded;
