import { failingShare, waitExceedance } from "../../policies/model/erlangC";
import { poolLoad } from "../../policies/model/poolFloor";
import { safeWindow } from "../../policies/model/safeWindow";
import { usableConnections } from "../../policies/model/usableConnections";

/** The settings of the outage's stack (stacks/Pulumi.incident-2024-09-02.yaml), as the model takes them. */
export const OUTAGE = {
  demand: { peakRequestsPerSecond: 400, holdMs: 90, acquisitionsPerRequest: 1.1, tasksServingPeak: 8 },
  maxConnections: 400,
  tasksHoldingPools: 16,
  poolMax: 3,
};

const WIDTH = 840;
const HEIGHT = 330;
const PLOT = { left: 62, right: 812, top: 62, bottom: 262 };
const LARGEST = 24;

const x = (connections: number) => PLOT.left + ((PLOT.right - PLOT.left) * connections) / LARGEST;
const y = (share: number) => PLOT.bottom - (PLOT.bottom - PLOT.top) * share;
const points = (share: (pool: number) => number) =>
  Array.from({ length: LARGEST }, (_, index) => index + 1)
    .map((pool) => `${x(pool).toFixed(1)},${y(share(pool)).toFixed(1)}`)
    .join(" ");

/**
 * The picture in the README: what a pool of each size does at the outage's load, and the window between the floor
 * that demand asks for and the ceiling that the database gives. Drawn from the model, so it cannot drift from it.
 */
export function drawSafeWindow(): string {
  const { acquisitionsPerSecond, meanHoldSeconds, requestsPerSecond, acquisitionsPerRequest } = poolLoad(
    OUTAGE.demand,
  );
  const { usable } = usableConnections({
    engine: "postgres",
    engineVersion: "17",
    maxConnections: OUTAGE.maxConnections,
  });
  const { floor, ceiling } = safeWindow({
    demand: OUTAGE.demand,
    usable,
    tasksHoldingPools: OUTAGE.tasksHoldingPools,
  });
  const failing = (servers: number) =>
    failingShare({ servers, requestsPerSecond, meanHoldSeconds, acquisitionsPerRequest });
  const waiting = (servers: number) =>
    waitExceedance({ servers, arrivalsPerSecond: acquisitionsPerSecond, meanHoldSeconds, waitSeconds: 0.05 });
  const percent = (share: number) => `${Math.round(share * 100)} %`;

  const axis = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(share)}" y2="${y(share)}" stroke="#d0d7de"/>` +
      `<text x="${PLOT.left - 8}" y="${y(share) + 4}" text-anchor="end">${percent(share)}</text>`,
  );
  const ticks = Array.from({ length: LARGEST / 2 }, (_, index) => 2 * index + 2).map(
    (pool) => `<text x="${x(pool)}" y="${PLOT.bottom + 18}" text-anchor="middle">${pool}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="13" fill="#24292f" role="img" aria-label="Safe window of a connection pool: ${floor} to ${ceiling} connections; the outage ran with ${OUTAGE.poolMax}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<rect x="${x(floor)}" y="${PLOT.top}" width="${x(ceiling) - x(floor)}" height="${PLOT.bottom - PLOT.top}" fill="#dafbe1"/>
${axis.join("\n")}
${ticks.join("\n")}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 22}" text-anchor="middle">pool.max of one task, in connections</text>
<polyline points="${points(waiting)}" fill="none" stroke="#bf8700" stroke-width="2.5"/>
<polyline points="${points(failing)}" fill="none" stroke="#cf222e" stroke-width="2.5"/>
<line x1="${x(floor)}" x2="${x(floor)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#1a7f37" stroke-width="2"/>
<line x1="${x(ceiling)}" x2="${x(ceiling)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#1a7f37" stroke-width="2"/>
<text x="${x((floor + ceiling) / 2)}" y="${PLOT.top + 22}" text-anchor="middle" fill="#1a7f37" font-weight="600">safe window: ${floor}–${ceiling}</text>
<text x="${x(floor)}" y="${PLOT.top - 10}" text-anchor="middle" fill="#1a7f37">floor, from demand</text>
<text x="${x(ceiling)}" y="${PLOT.top - 10}" text-anchor="middle" fill="#1a7f37">ceiling, from the database</text>
<circle cx="${x(OUTAGE.poolMax)}" cy="${y(failing(OUTAGE.poolMax)).toFixed(1)}" r="5" fill="#cf222e"/>
<text x="${x(OUTAGE.poolMax) + 10}" y="${(y(failing(OUTAGE.poolMax)) - 6).toFixed(1)}" fill="#cf222e" font-weight="600" paint-order="stroke" stroke="#ffffff" stroke-width="5">2 September 2024: ${OUTAGE.poolMax} connections, ${percent(failing(OUTAGE.poolMax))} of requests fail</text>
<text x="${x(7) + 10}" y="${(y(waiting(7)) - 4).toFixed(1)}" fill="#9a6700">requests that wait longer than 50 ms</text>
</svg>
`;
}
