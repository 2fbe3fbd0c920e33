import { type AlarmsElsewhere, type Settings, wildcard } from "../../plan/settings";
import type { ClientReading, DatabaseReading } from "../../plan/types";

/** Names that a database goes by in `alarmsElsewhere`. */
export const namesOfDatabase = ({ resource, names }: DatabaseReading): readonly string[] => [
  resource.urn,
  ...names,
];

/** Names that a client goes by there, and in `poolMetrics`. */
export const namesOfClient = ({ resource, name, metricNames }: ClientReading): readonly string[] => [
  resource.urn,
  name,
  ...metricNames,
];

/** What the policy configuration says of who watches the resource that goes by these names. */
export const elsewhere = (names: readonly string[], settings: Settings): AlarmsElsewhere | undefined =>
  settings.alarmsElsewhere.find(({ resource }) => names.some((name) => wildcard(resource).test(name)));
