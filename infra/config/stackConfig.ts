import { type Capacity, capacityOf } from "../capacity";
import type { Settings } from "./settings";

/** How the service's subnets reach the world outside the VPC. */
export type Egress =
  /** NAT gateways: any HTTPS address can be reached. About 35 USD a month for each, and 0.05 USD per GB. */
  | { readonly kind: "nat"; readonly perZone: boolean }
  /**
   * No way out but AWS's own services through endpoints, in this account's name alone; name queries still
   * leave the VPC. Five endpoints at about 8 USD a month and zone, and 0.01 USD per GB. The image must be in ECR.
   */
  | { readonly kind: "endpoints" };

/** How the service reaches its database. */
export type Connection =
  /** Each process holds its own connections to the instance. */
  | { readonly kind: "direct" }
  /** Through an RDS Proxy, which shares few database connections among many clients. It refuses start-up parameters. */
  | { readonly kind: "proxy" };

/** What the load balancer speaks. */
export type Listening =
  | { readonly kind: "https"; readonly certificateArn: string }
  /** Plain HTTP: dev only. */
  | { readonly kind: "http" };

/** Alarms, or the reason why there are none. */
export type AlarmSwitch =
  | { readonly disabled: false; readonly subscriptions: readonly string[] }
  | { readonly disabled: true; readonly reason: string };

/** One stack's configuration: the settings as read, what follows from them, and the choices among them as discriminated unions. */
export interface StackConfig extends Settings {
  readonly region: string;
  /** What the capacity model says of the settings. */
  readonly capacity: Capacity;
  /** Deletion protection, a standby, a final snapshot. */
  readonly production: boolean;
  readonly egressChoice: Egress;
  readonly connectionChoice: Connection;
  readonly listening: Listening;
  readonly alarmSwitch: AlarmSwitch;
}

/** Turns settings that were read into the choices they stand for. */
export function toStackConfig(settings: Settings, region: string): StackConfig {
  const { egress, certificateArn, alarms, alarmsDisabledReason, alarmSubscriptions } = settings;
  return {
    ...settings,
    region,
    capacity: capacityOf(settings),
    production: settings.environment === "prod",
    egressChoice:
      egress === "endpoints" ? { kind: "endpoints" } : { kind: "nat", perZone: egress === "nat-per-zone" },
    connectionChoice: { kind: settings.connection },
    listening: certificateArn === "" ? { kind: "http" } : { kind: "https", certificateArn },
    alarmSwitch:
      alarms === "disabled"
        ? { disabled: true, reason: alarmsDisabledReason }
        : { disabled: false, subscriptions: alarmSubscriptions },
  };
}
