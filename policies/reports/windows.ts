import { printable } from "../kit/text";
import { nameOf } from "./headline";
import type { ReportedBudget, ReportedClient } from "./report";

/** The safe windows of one database's pools, as a table that each format draws in its own way. */
export interface WindowTable {
  readonly title: string;
  /** Connections: the limit, what of it is usable, what is claimed; empty where the database is not known. */
  readonly numbers: string;
  readonly rows: readonly (readonly string[])[];
}

export const WINDOW_COLUMNS = ["pool", "tasks", "busy", "floor", "set", "ceiling", "failing"] as const;

export function windowTable(budget: ReportedBudget): WindowTable {
  const rows = budget.clients.map((client) => row(client, labelOf(client, budget.clients)));
  if (budget.database === null) return { title: "database not known", numbers: "", rows };
  const source = budget.maxConnectionsSource ? ` (${budget.maxConnectionsSource})` : "";
  const numbers = [
    `${shown(budget.maxConnections)} connections${source}`,
    `${shown(budget.usable)} usable`,
    `${shown(budget.demandAtPeak)} claimed at peak`,
  ];
  return { title: `database ${printable(nameOf(budget.database))}`, numbers: numbers.join(", "), rows };
}

/** The client's name, with its container where a service has pools in several, and the pool's where it has one. */
function labelOf({ resource, container, pool }: ReportedClient, all: readonly ReportedClient[]): string {
  const hasOthers = all.some((other) => other.resource === resource && other.container !== container);
  const holder = hasOthers && container !== null ? `${nameOf(resource)}/${container}` : nameOf(resource);
  return printable(pool === null ? holder : `${holder} (${pool})`);
}

function row(client: ReportedClient, label: string): string[] {
  const { tasksServingPeak, tasksAtPeak, processesPerTask, offeredLoad, failingShare } = client;
  const processes = processesPerTask !== null && processesPerTask > 1 ? `×${processesPerTask}` : "";
  const serving = tasksServingPeak === tasksAtPeak ? "" : `${shown(tasksServingPeak)}–`;
  return [
    label,
    `${serving}${shown(tasksAtPeak)}${processes}`,
    offeredLoad === null ? "?" : offeredLoad.toFixed(2),
    shown(client.floor),
    shown(client.poolMax),
    shown(client.ceiling),
    share(failingShare),
  ];
}

function share(failing: number | null): string {
  if (failing === null) return "?";
  if (failing === 0) return "–";
  return failing < 0.005 ? "< 1 %" : `${Math.round(failing * 100)} %`;
}

const shown = (value: number | null): string => (value === null ? "?" : String(value));
