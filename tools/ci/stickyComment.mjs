// @ts-check
// Keeps one comment on a pull request up to date.
//
//     node tools/ci/stickyComment.mjs --pull-request N --body FILE
//
// The comment is found again by a mark that a reader does not see; only comments of the job's own account are taken for it,
// so that nobody can put theirs in its place. Needs `pull-requests: write`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { command, options, required, Stop } from "./command.mjs";
import { everyPage, fitted, repositoryApi } from "./github.mjs";

export const MARK = "<!-- poolproof:verdict -->";

/** Whoever a workflow's own token writes as. */
const OWN_ACCOUNT = "github-actions[bot]";

/**
 * @param {import("./github.mjs").Api} call
 * @param {number} pullRequest
 * @param {string} text
 * @returns {Promise<"made" | "updated">}
 */
export async function keepComment(call, pullRequest, text) {
  const body = fitted(`${MARK}\n${text}`, "the summary of the run");
  for await (const comment of everyPage(call, `issues/${pullRequest}/comments`)) {
    if (comment.user?.login !== OWN_ACCOUNT || !comment.body?.startsWith(MARK)) continue;
    await call("PATCH", `issues/comments/${comment.id}`, { body });
    return "updated";
  }
  await call("POST", `issues/${pullRequest}/comments`, { body });
  return "made";
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await command(async () => {
    const given = options(process.argv.slice(2), ["pull-request", "body"]);
    const number = Number(required(given, "pull-request"));
    if (!Number.isSafeInteger(number) || number < 1) throw new Stop("--pull-request must be its number");
    const text = readFileSync(required(given, "body"), "utf8");
    process.stdout.write(`${await keepComment(repositoryApi(process.env), number, text)}\n`);
  });
}
