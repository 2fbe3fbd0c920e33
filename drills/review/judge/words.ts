/** A number for a message: `1,200`, or with as many decimals as it may have. */
export function number(value: number, decimals = 0): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: decimals });
}

/** A share for a message: `54 %`. */
export const percent = (share: number): string => `${number(100 * share, share < 0.01 ? 1 : 0)} %`;

/** A time for a message, to the minute: `2026-11-20 18:05 UTC`. */
export function when(time: number | Date): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** `1 task`, `12 tasks`. */
export const counted = (count: number, what: string): string =>
  `${number(count)} ${what}${count === 1 ? "" : "s"}`;

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  const [last = "", ...rest] = [...words].reverse();
  return rest.length === 0 ? last : `${rest.reverse().join(", ")} and ${last}`;
}

/** The command that sets a key of the stack. */
export const configSet = (key: string, value: string | number, stack: string): string =>
  `\`pulumi config set ${key} ${value} --stack ${stack}\``;
