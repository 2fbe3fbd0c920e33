/** Every run tries the same plans; another seed tries others: `FUZZ_SEED=7 npx vitest run test/policies/fuzz`. */
export const SEED = Number(process.env.FUZZ_SEED ?? 20_240_902);
