import { escapeXml } from "./markup";

/** One line of a build server's list: passed where there is neither a failure nor a reason to skip it. */
export interface TestCase {
  readonly name: string;
  /** What failed; the first is the headline. */
  readonly failures: readonly string[];
  /** Why it was not run. */
  readonly skipped?: string | undefined;
}

/** JUnit XML with one suite. @param name - Of the command, which the class names of the cases begin with. */
export function junitXml(name: string, suite: string, cases: readonly TestCase[]): string {
  const totals = attributes({
    tests: cases.length,
    failures: cases.filter(({ failures }) => failures.length > 0).length,
    errors: 0,
    skipped: cases.filter(({ skipped }) => skipped !== undefined).length,
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name })}${totals}>`,
    `  <testsuite${attributes({ name: suite })}${totals}>`,
    ...cases.flatMap((each) => element(each, `${name}.${suite}`)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function element({ name, failures, skipped }: TestCase, classname: string): string[] {
  const open = `    <testcase${attributes({ name, classname })}`;
  const [first] = failures;
  const inner =
    skipped !== undefined
      ? `      <skipped${attributes({ message: skipped })}/>`
      : first !== undefined
        ? `      <failure${attributes({ message: first })}>${text(failures.join("\n"))}</failure>`
        : undefined;
  return inner === undefined ? [`${open}/>`] : [`${open}>`, inner, "    </testcase>"];
}

const attributes = (values: { readonly [name: string]: string | number }): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${text(String(value))}"`)
    .join("");

/** XML 1.0 holds no control characters but tab and line breaks (section 2.2). */
const text = (value: string): string => escapeXml(value.replace(/[^\t\n\r\u0020-\uFFFD]/gu, "?"));
