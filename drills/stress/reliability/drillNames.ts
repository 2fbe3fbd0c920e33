/** What can happen to a service whose database or tasks have a bad moment; `--drill NAME`, or `all`. */
export const DRILLS = ["restart", "kill", "slow-query", "rolling", "stranger"] as const;

export type DrillName = (typeof DRILLS)[number];
