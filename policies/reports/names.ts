/** Logical name of a resource: the last part of its URN. */
export const nameOf = (urn: string): string => urn.split("::").pop() ?? urn;

/**
 * Control characters, and those that turn the direction of text around: a name or a reason may come from anywhere, and
 * must not move a terminal's cursor or show a reader something else than it says (Unicode TR 36, section 2).
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\ufffe\uffff]/gu;

/** A text as one line that is safe to show. Spaces stand for line breaks and tabs, U+FFFD for the rest. */
export const printable = (text: string): string =>
  text.replace(/[\t\r\n\u2028\u2029]+/g, " ").replace(UNPRINTABLE, "\ufffd");
