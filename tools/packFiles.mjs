// @ts-check
// Prepares `npm pack` of the policy pack, on a fresh clone too: installs and builds what is missing, and copies the documents
// that the tarball holds. Run in policies/.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { ensureInstalled } from "../engine/boot/install.mjs";

const pack = process.cwd();
const repository = resolve(pack, "..");

await ensureInstalled(repository);

/** What is built from a file that has gone since: the compiler leaves it where it is. */
for (const path of files(join(pack, "dist"))) {
  const source = relative(join(pack, "dist"), path).replace(/\.(js|d\.ts|js\.map)$/, ".ts");
  if (path.endsWith(".json") || path.includes(`${sep}.`)) continue;
  if (!existsSync(join(pack, source))) rmSync(path);
}

for (const room of ["decisions", "guides", "incidents", "runbooks"]) {
  cpSync(join(repository, "docs", room), join(pack, "docs", room), { recursive: true });
}
// For `pulumi policy new node_modules/poolproof/template`.
cpSync(join(repository, "template"), join(pack, "template"), { recursive: true });
for (const page of files(join(pack, "docs")).filter((path) => path.endsWith(".md"))) {
  writeFileSync(page, withLinksThatLead(readFileSync(page, "utf8"), page));
}

/**
 * A page's links as they lead in the package, whose root is `policies/`; what the package does not hold is left as text.
 * @param {string} text
 * @param {string} page
 */
function withLinksThatLead(text, page) {
  return text.replace(
    /(?<!!)\[([^\]]*)\]\((?!\w+:|#)([^)#\s]*)(#[^)\s]*)?\)/g,
    (link, label, path, anchor = "") => {
      const target = resolve(join(repository, relative(pack, dirname(page))), path);
      const packed = target.startsWith(pack + sep) ? target : join(pack, relative(repository, target));
      if (packed === pack || !existsSync(packed) || packed.endsWith(".ts")) return label;
      return packed === target ? `[${label}](${relative(dirname(page), packed)}${anchor})` : link;
    },
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function files(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
