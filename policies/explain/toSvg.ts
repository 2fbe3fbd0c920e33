import { DEFAULT_CAPACITY_SETTINGS } from "../model/defaults";
import { poolLoad } from "../model/poolFloor";
import type { ExplainedPool, Explanation } from "./explanation";
import { picture } from "./svg/picture";
import type { PoolChart } from "./svg/poolChart";

/** Every pool's chart, one above the other. */
export function explanationToSvg({ stack, databases, unlinked }: Explanation): string {
  const charts = [
    ...databases.flatMap(({ name, pools }) => pools.map((pool) => chartOf(pool, name))),
    ...unlinked.map((pool) => chartOf(pool, "a database that is not known")),
  ];
  return picture(`Safe windows of the connection pools of ${stack}`, charts);
}

function chartOf(pool: ExplainedPool, database: string): PoolChart {
  const { demand, poolMax, failingShare, floor, ceiling } = pool;
  const fails =
    failingShare && failingShare >= 0.005
      ? `, at least ${Math.round(failingShare * 100)} % of requests fail`
      : "";
  return {
    heading: `${pool.name} on ${database}`,
    floor,
    ceiling,
    setting: poolMax,
    settingLabel: `now: ${poolMax}${fails}`,
    load: demand && poolLoad(demand),
    waitTargetMs: demand?.waitTargetMs ?? DEFAULT_CAPACITY_SETTINGS.waitTargetMs,
  };
}
