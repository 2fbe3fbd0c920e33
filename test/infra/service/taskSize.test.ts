import { describe, expect, it } from "vitest";
import { isFargateSize, nearestFargateSize } from "../../../infra/config/parseStackConfig";

describe("Fargate task sizes", () => {
  it.each([
    [256, 512, true],
    [256, 1536, false],
    [512, 1024, true],
    [2048, 4096, true],
    [2048, 3072, false],
    [8192, 16_384, true],
    [8192, 18_432, false],
    [16_384, 122_880, true],
    [1000, 2048, false],
  ])("%d CPU units with %d MiB: %s", (cpu, memoryMib, sold) => {
    expect(isFargateSize(cpu, memoryMib)).toBe(sold);
  });

  it.each([
    [2048, 1024, 2048, 4096],
    [256, 4096, 512, 4096],
    [1000, 2048, 1024, 2048],
    [99_999, 1, 16_384, 122_880],
  ])("the nearest to %d with %d MiB is %d with %d", (cpu, memoryMib, nearCpu, nearMemoryMib) => {
    const nearest = nearestFargateSize(cpu, memoryMib);
    expect(nearest).toEqual({ cpu: nearCpu, memoryMib: nearMemoryMib });
    expect(isFargateSize(nearest.cpu, nearest.memoryMib)).toBe(true);
  });
});
