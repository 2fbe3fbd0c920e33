/** Private words that readers of messages, pages and alarms are spared, where the field has its own. */
const BANNED: { readonly [word: string]: RegExp } = {
  mend: /\bmend/i,
  beside: /\bbeside\b/i,
  "left to chance": /\bleft to chance\b/i,
  "answers to": /\banswers? to\b/i,
  "is no": /(?<!there )\bis no\b(?! longer)/i,
  "are none": /\bare none\b/i,
  "for ever": /\bfor ever\b/i,
  "goes off": /\bgo(es)? off\b/i,
  woken: /\bwoken\b/i,
  whoever: /\bwhoever\b/i,
  somebody: /\bsomebody\b/i,
  "nobody is told": /\bnobody is told\b/i,
  stranger: /\bstranger/i,
};

/** The banned words that a text uses. */
export function bannedWordsIn(text: string): readonly string[] {
  return Object.keys(BANNED).filter((word) => BANNED[word]?.test(text));
}

/** What a page says in its own words: without code, quotations and the targets of links. */
export function proseOf(markdown: string): string {
  return markdown
    .replace(/^ *```[\s\S]*?^ *```/gm, "")
    .replace(/`[^`\n]*`/g, "")
    .replace(/^ *>.*$/gm, "")
    .replace(/"[^"\n]*"/g, "")
    .replace(/\]\([^)]*\)/g, "]")
    .replace(/\s+/g, " ");
}
