/** Size of a Fargate task. */
export interface FargateSize {
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  readonly memoryMib: number;
}

const GIB = 1024;

/**
 * The sizes Fargate sells for Linux, by CPU units: memory from, to and in which steps (MiB).
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
 */
const SIZES: readonly { cpu: number; memoryMib: readonly number[] }[] = [
  { cpu: 256, memoryMib: [512, 1024, 2048] },
  { cpu: 512, memoryMib: steps(1 * GIB, 4 * GIB, GIB) },
  { cpu: 1024, memoryMib: steps(2 * GIB, 8 * GIB, GIB) },
  { cpu: 2048, memoryMib: steps(4 * GIB, 16 * GIB, GIB) },
  { cpu: 4096, memoryMib: steps(8 * GIB, 30 * GIB, GIB) },
  { cpu: 8192, memoryMib: steps(16 * GIB, 60 * GIB, 4 * GIB) },
  { cpu: 16_384, memoryMib: steps(32 * GIB, 120 * GIB, 8 * GIB) },
];

function steps(from: number, to: number, step: number): readonly number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}

/** Whether Fargate has a task of exactly this size. */
export function isFargateSize(cpu: number, memoryMib: number): boolean {
  return SIZES.some((size) => size.cpu === cpu && size.memoryMib.includes(memoryMib));
}

/** The smallest size that has both, or the largest there is. */
export function nearestFargateSize(cpu: number, memoryMib: number): FargateSize {
  for (const size of SIZES) {
    const memory = size.memoryMib.find((candidate) => candidate >= memoryMib);
    if (size.cpu >= cpu && memory !== undefined) return { cpu: size.cpu, memoryMib: memory };
  }
  return { cpu: 16_384, memoryMib: 120 * GIB };
}
