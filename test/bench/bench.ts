// `npm run bench`: what the pack and the check cost, each beside the least that could be had or beside what stands in
// its place today, in interleaved pairs. Ends with 1 when a ratio is above its target.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { isAtLeast } from "../../engine/boot/versions.mjs";
import { provideEngine } from "../../engine/engine.js";
import { PolicyServer } from "../policies/pack/policyServer.js";
import {
  type Comparison,
  compare,
  emptyPack,
  emptyStackPolicy,
  packRunner,
  partsOf,
  root,
  seconds,
} from "./measure.js";
import { largePlan, Previews } from "./previews.js";

const pack = join(root, "policies");
const prodConfig = join(pack, "config", "prod.json");
const checkOfProd = ["policies/bin/poolproof.js", "check", "--stack", "prod"];
const empty = emptyPack();
const idle = emptyStackPolicy();

const engine = await provideEngine();
const previews = new Previews(engine);
await previews.prepare();
const judging = await PolicyServer.start(pack);
const idling = await PolicyServer.start(idle);

const startOf = (folder: string) => () =>
  seconds(process.execPath, [packRunner, "127.0.0.1:1", "dist"], { cwd: folder, untilOutput: true });

function analysisOf(server: PolicyServer, resources: number): () => Promise<number> {
  const plan = largePlan(resources);
  return async () => {
    const started = performance.now();
    await server.analyze(plan);
    return (performance.now() - started) / 1000;
  };
}

const comparisons: readonly Comparison[] = [
  {
    name: "start of the pack / of an empty compiled pack",
    target: 1.2,
    ours: startOf(pack),
    other: startOf(empty),
  },
  {
    name: "check of prod / importing @pulumi/pulumi and @pulumi/aws",
    // Compiled code is kept between runs from Node.js 22.1 on.
    target: isAtLeast(process.versions.node, "22.1.0") ? 1.2 : 1.5,
    ours: () => seconds(process.execPath, checkOfProd, { cwd: root }),
    parts: () => partsOf(checkOfProd, { cwd: root }),
    other: () =>
      seconds(process.execPath, ["-e", 'require("@pulumi/pulumi"); require("@pulumi/aws")'], { cwd: root }),
  },
  {
    name: "10,000 resources judged / handed to a stack policy that does nothing",
    target: 1.5,
    ours: analysisOf(judging, 10_000),
    other: analysisOf(idling, 10_000),
  },
  {
    name: "10,000 resources judged / 5,000 resources judged",
    target: 2.4,
    ours: analysisOf(judging, 10_000),
    other: analysisOf(judging, 5_000),
  },
  {
    name: "preview of prod with the pack / with an empty compiled pack",
    target: 1.1,
    ours: () => previews.gated(pack, prodConfig),
    other: () => previews.gated(empty),
  },
  {
    name: "gated preview on a fresh machine / Pulumi's default TypeScript form, no pack",
    target: 0.5,
    ours: () => previews.gatedAfresh(pack, prodConfig),
    other: () => previews.defaultFormAfresh(),
  },
];

/** `npm run bench -- check` measures only what is called so. */
const wanted = process.argv.slice(2);
const chosen = comparisons.filter(({ name }) => wanted.every((word) => name.includes(word)));
let missed = 0;
try {
  for (const comparison of chosen) if (!(await compare(comparison))) missed++;
} finally {
  judging.stop();
  idling.stop();
  previews.remove();
  for (const folder of [empty, idle]) rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed === 0 ? 0 : 1;
