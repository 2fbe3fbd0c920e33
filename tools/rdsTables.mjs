/**
 * Writes policies/model/instanceClasses.data.json: every RDS instance class with its processors, its memory and the
 * engines that run on it, the engine versions that exist, and the bounds that the RDS API states.
 *
 *     npm run tables:rds
 *
 * Installs three packages of PyPI into a temporary folder and reads their data: cfn-lint (which classes are offered for
 * which engine in any Region, engine versions), moto (processors and memory of EC2's instance types) and botocore (the
 * RDS API's own text). A class that only the present file has stays as it is: withdrawn classes still run.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";

const TARGET = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "../policies/model/instanceClasses.data.json",
);
const ENGINES = ["postgres", "mysql", "mariadb", "aurora-postgresql", "aurora-mysql"];
const PACKAGES = ["cfn-lint", "botocore", "moto"];
const SCHEMAS = "cfnlint/data/schemas/extensions";

const folder = mkdtempSync(join(tmpdir(), "rds-tables-"));
try {
  const site = join(folder, "site");
  const python = process.env.PYTHON ?? "python3";
  execFileSync(python, ["-m", "pip", "install", "--quiet", "--no-deps", "--target", site, ...PACKAGES], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const read = (path) => {
    const bytes = readFileSync(join(site, path));
    return JSON.parse(path.endsWith(".gz") ? gunzipSync(bytes) : bytes);
  };
  const before = JSON.parse(readFileSync(TARGET, "utf8"));
  const text = dataFile(tableFrom(read, before, versionsIn(site)));
  writeFileSync(TARGET, text);
  process.stderr.write(`${Object.keys(JSON.parse(text).classes).length} classes in ${TARGET}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function versionsIn(site) {
  const found = readdirSync(site);
  return PACKAGES.map((name) => {
    const prefix = `${name.replace("-", "_")}-`;
    const info = found.find((entry) => entry.startsWith(prefix) && entry.endsWith(".dist-info"));
    return [name, info?.slice(prefix.length, -".dist-info".length)];
  });
}

function tableFrom(read, before, versions) {
  const offered = new Map();
  for (const [path, classProperty] of [
    [`${SCHEMAS}/aws_rds_dbinstance/dbinstanceclass_enum.json`, "DBInstanceClass"],
    [`${SCHEMAS}/aws_rds_dbcluster/dbclusterinstanceclass_enum.json`, "DBClusterInstanceClass"],
  ]) {
    for (const { allOf = [] } of Object.values(read(path))) {
      for (const { if: condition, then } of allOf)
        collect(offered, condition.properties.Engine, then.properties[classProperty]);
    }
  }
  offered.delete("db.serverless");
  const ec2 = read("moto/ec2/resources/instance_types.json.gz");
  const rowOf = (name) => {
    const [, , , previousGeneration] = before.classes[name] ?? [];
    const type = ec2[name.replace(/^db\./, "").replace(/^x2g\./, "x2gd.")];
    const [vcpus, mib] = type
      ? [type.VCpuInfo.DefaultVCpus, type.MemoryInfo.SizeInMiB]
      : (before.classes[name] ?? []);
    if (mib === undefined)
      throw new Error(`no package has the memory of ${name}: add it to ${TARGET} by hand`);
    // The table's own rows were checked against AWS's guide: EC2's processors and memory only add to them.
    const [vcpusBefore, mibBefore] = before.classes[name] ?? [];
    return {
      vcpus: vcpusBefore ?? vcpus ?? null,
      mib: mibBefore ?? mib,
      engines: ENGINES.filter((engine) => offered.get(name)?.has(engine)),
      previousGeneration,
    };
  };
  const isOurs = (name) => ENGINES.some((engine) => offered.get(name)?.has(engine));
  const added = [...offered.keys()].filter((name) => isOurs(name) && !(name in before.classes));
  const names = [...Object.keys(before.classes), ...added].sort(byFamilyAndSize);
  const api = JSON.stringify(read("botocore/data/rds/2014-10-31/service-2.json.gz"));
  return {
    versions,
    engineVersions: engineVersionsOf(read(`${SCHEMAS}/aws_rds_dbinstance/engine_version.json`)),
    serverlessV2MaxAcu: Number(/The largest value that you can use is (\d+)/.exec(api)?.[1]),
    proxyMaxBorrowSeconds: Number(
      /ConnectionBorrowTimeout.{0,900}?Must be between 0 and (\d+)/.exec(api)?.[1],
    ),
    classes: names.map((name) => [name, rowOf(name)]),
  };
}

function collect(offered, engine, classes) {
  for (const name of classes?.enum ?? []) {
    const engines = offered.get(name) ?? new Set();
    for (const each of engine?.enum ?? [engine?.const]) engines.add(each);
    offered.set(name, engines);
  }
}

/** The versions that a parameter group's family is named after: `17` of PostgreSQL, `8.4` of MySQL. */
function engineVersionsOf({ allOf }) {
  const versions = {};
  for (const { if: condition, then } of allOf) {
    const engine = condition.properties.Engine?.const;
    if (!ENGINES.includes(engine)) continue;
    const majors = (then.properties.EngineVersion?.enum ?? []).map((version) => {
      const [major, minor] = version.split(".");
      return engine.includes("postgres") && Number(major) >= 10 ? major : minor && `${major}.${minor}`;
    });
    versions[engine] = [...new Set(majors.filter(Boolean))].sort((a, b) =>
      a.localeCompare(b, "en", { numeric: true }),
    );
  }
  return Object.fromEntries(ENGINES.map((engine) => [engine, versions[engine]]));
}

function byFamilyAndSize(a, b) {
  const key = (name) => {
    const [, family, size, ...rest] = name.split(".");
    const sizes = ["micro", "small", "medium", "large", "xlarge"];
    const rank = sizes.includes(size) ? sizes.indexOf(size) : Number.parseInt(size, 10) + 4 || 1000;
    return [family, String(rank).padStart(4, "0"), size, ...rest].join(" ");
  };
  return key(a) < key(b) ? -1 : 1;
}

function dataFile({ versions, classes, ...rest }) {
  const sets = [[]];
  const indexOf = (engines) => {
    const at = sets.findIndex((set) => set.join() === engines.join());
    return at >= 0 ? at : sets.push(engines) - 1;
  };
  const rows = classes.map(
    ([name, { vcpus, mib, engines, previousGeneration }]) =>
      `    ${JSON.stringify(name)}: ${JSON.stringify([vcpus, mib, indexOf(engines), ...(previousGeneration ? [1] : [])])}`,
  );
  const head = {
    source: `${versions.map(([name, version]) => `${name} ${version}`).join(", ")} (PyPI), read by tools/rdsTables.mjs: classes by engine and engine versions of cfn-lint (MIT-0), vCPU and memory of EC2's instance types as in moto (Apache-2.0), db.X being EC2 X and db.x2g being x2gd, bounds of the RDS API as in botocore (Apache-2.0). Classes that those no longer have: tflint-ruleset-aws (AWS price list, MPL-2.0) and Amazon RDS User Guide, Concepts.DBInstanceClass (2023).`,
    date: new Date().toISOString().slice(0, 10),
    columns: "class: [vCPUs or null, memory in MiB, index into engineSets, 1 when of a previous generation]",
    ...rest,
    engineSets: sets,
  };
  const lines = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{\n${lines.join(",\n")},\n  "classes": {\n${rows.join(",\n")}\n  }\n}\n`;
}
