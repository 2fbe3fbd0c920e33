import { costOf, PasswordHasher } from "../../../service/auth/passwordHash";
import { WorkSlots } from "../../../service/auth/workSlots";

/** The service's own cost of a hash where the stack's environment says nothing else (`service/settings`). */
const DEFAULT_LOG2_N = 14;

/** scrypt's N that is deployed, as a power of two. */
export const deployedLog2N = (environment: { readonly [name: string]: string }): number =>
  Number(environment.SCRYPT_LOG2_N) || DEFAULT_LOG2_N;

/** CPU time of one password hash at a cost, on this machine: what the threads used, whoever else wanted the CPUs. */
export async function cpuMsPerHash(log2N: number): Promise<number> {
  const hasher = new PasswordHasher(costOf(log2N), new WorkSlots(1));
  await hasher.hash("warm-up");
  const before = process.cpuUsage();
  await hasher.hash("measured");
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
