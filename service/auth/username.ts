/** The one spelling of a name: two that look the same, or differ in case alone, are one account. */
export function normalizeUsername(username: string): string {
  return username.normalize("NFKC").trim().toLowerCase();
}
