// @ts-check
import { Stop } from "./command.mjs";

/**
 * GitHub's REST API with the job's own token. What the job has no permission for ends in one line.
 * @param {NodeJS.ProcessEnv} env GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, as a job has them
 */
export function repositoryApi(env) {
  const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env;
  if (!api || !repository || !token) {
    throw new Stop("GITHUB_API_URL, GITHUB_REPOSITORY and GITHUB_TOKEN must be set, as they are in a job");
  }
  /**
   * @param {string} method
   * @param {string} path below the repository
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  return async function call(method, path, body) {
    const answer = await fetch(`${api}/repos/${repository}/${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "x-github-api-version": "2022-11-28",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((error) => {
      throw new Stop(`${method} ${path}: GitHub does not answer (${error.name})`);
    });
    if (answer.ok) return answer.json();
    const { message = "" } = /** @type {{ message?: string }} */ (await answer.json().catch(() => ({})));
    const hint = answer.status === 403 ? ": the job's token may not, see `permissions`" : "";
    throw new Stop(`${method} ${path}: GitHub answers ${answer.status} ${message}${hint}`);
  };
}

/** @typedef {ReturnType<typeof repositoryApi>} Api */

/**
 * Every item of a list that GitHub hands out in pages.
 * @param {Api} call
 * @param {string} path with its query, without the page
 * @returns {AsyncGenerator<any>}
 */
export async function* everyPage(call, path) {
  const most = 100;
  for (let page = 1; ; page++) {
    const items = await call("GET", `${path}${path.includes("?") ? "&" : "?"}per_page=${most}&page=${page}`);
    yield* items;
    if (items.length < most) return;
  }
}

/** A comment or an issue holds 65,536 characters. */
export const MOST_CHARACTERS = 65_536;

/** Room for what a cut has to close: a fence and a few folds. */
const CLOSING = 200;

/**
 * The text, cut at the end of a line where it is too long, and said to be.
 * @param {string} text
 * @param {string} where the whole is to be found
 * @returns {string}
 */
export function fitted(text, where, most = MOST_CHARACTERS) {
  if (text.length <= most) return text;
  const note = `\n\n_Cut here: the whole is in ${where}._\n`;
  const kept = text.slice(0, most - note.length - CLOSING);
  const cut = kept.slice(0, Math.max(kept.lastIndexOf("\n"), 0) || kept.length);
  // A fold or a fence that was open would swallow the note.
  const fences = cut.split("\n").flatMap((each) => /^`{3,}/.exec(each)?.[0] ?? []);
  const folds = cut.split("<details>").length - cut.split("</details>").length;
  const fence = fences.length % 2 === 1 ? `\n${fences.at(-1)}` : "";
  return `${cut}${fence}${"\n\n</details>".repeat(Math.max(0, folds))}${note}`;
}
