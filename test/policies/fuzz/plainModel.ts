import type { GeneratedService, GeneratedStack } from "./generate";

/*
 * The capacity model once more, by the textbook and as slowly as it likes: Erlang's sum term by term, the floor by
 * trying every size from 1 up, the budget by adding. It shares nothing with policies/model, and reads no plan.
 */

const SUPERUSERS = 3;
const RDS_SUPERUSERS = 2;
const RDS_ITSELF = 6;

/** Connections that all services may open at once, and how many they may claim of what the server gives. */
export function plainBudget({ services, maxConnections }: GeneratedStack): {
  demand: number;
  budget: number;
} {
  let demand = 5;
  for (const { tasks, maximumPercent, processes, pool } of services) {
    // A deployment starts no more new tasks than there are old ones; without a load balancer none of them drains.
    demand += Math.min(2 * tasks, Math.floor((tasks * maximumPercent) / 100)) * processes * pool;
  }
  const usable = Math.max(0, maxConnections - SUPERUSERS - RDS_SUPERUSERS - RDS_ITSELF);
  return { demand, budget: Math.floor((usable * 8) / 10) };
}

/** Share of acquisitions that wait longer than 50 ms with `size` connections, a quarter above the declared peak. */
export function plainLateShare(service: GeneratedService, size: number): number {
  const { requestsPerSecond, acquisitions, holdMs, tasks, processes } = service;
  const busy = (1.25 * requestsPerSecond * acquisitions * holdMs) / 1000 / (tasks * processes);
  if (busy === 0) return 0;
  if (busy >= size) return 1;
  // term_k = busy^k / k!, from one to the next; divided by the last so that nothing overflows.
  const terms = [1];
  for (let k = 1; k <= size; k++) terms.push(((terms[k - 1] ?? 0) * busy) / k);
  const last = ((terms[size] ?? 0) * size) / (size - busy);
  const others = terms.slice(0, size).reduce((sum, term) => sum + term, 0);
  const waits = last / (others + last);
  return waits * Math.exp((-(size - busy) * 50) / holdMs);
}

/** The smallest size with which at most 1 % wait too long; undefined where binary fractions decide which it is. */
export function plainFloor(service: GeneratedService): number | undefined {
  for (let size = 1; size < 600; size++) {
    const share = plainLateShare(service, size);
    if (Math.abs(share - 0.01) < 1e-9) return undefined;
    if (share < 0.01) return size;
  }
  return undefined;
}
