import { escapeXml } from "./markup";

/** One line of a build server's list: passed where there is neither a failure nor a reason to skip it. */
export interface TestCase {
  readonly name: string;
  /** What failed; the first is the headline. */
  readonly failures?: readonly string[];
  /** Headline of the failures, where the first does not stand for all. */
  readonly headline?: string | undefined;
  /** Why it was not judged. */
  readonly skipped?: string | undefined;
  /** What else is to be said. */
  readonly notes?: readonly string[];
  readonly seconds?: number;
}

export interface TestSuite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/**
 * JUnit XML: `testsuites`, a `testsuite` for each group of cases.
 * @param name - Of the command, which the class names of the cases begin with.
 * @param seconds - How long all of it took, where that is not the sum of the cases.
 */
export function junitXml(name: string, suites: readonly TestSuite[], seconds?: number): string {
  const cases = suites.flatMap((suite) => suite.cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name, ...totalsOf(cases, seconds) })}>`,
    ...suites.flatMap((suite) => [
      `  <testsuite${attributes({ name: suite.name, ...totalsOf(suite.cases, suites.length === 1 ? seconds : undefined) })}>`,
      ...suite.cases.flatMap((each) => element(each, `${name}.${suite.name}`)),
      "  </testsuite>",
    ]),
    "</testsuites>",
    "",
  ].join("\n");
}

const totalsOf = (cases: readonly TestCase[], seconds?: number) => ({
  tests: cases.length,
  failures: cases.filter(isFailed).length,
  errors: 0,
  skipped: cases.filter((each) => !isFailed(each) && each.skipped !== undefined).length,
  time: timeOf(seconds ?? cases.reduce((sum, each) => sum + (each.seconds ?? 0), 0)),
});

const isFailed = ({ failures = [] }: TestCase): boolean => failures.length > 0;
const timeOf = (seconds = 0): string => seconds.toFixed(3);

function element(testCase: TestCase, classname: string): string[] {
  const { name, failures = [], headline, skipped, notes = [], seconds } = testCase;
  const open = `    <testcase${attributes({ name, classname, time: timeOf(seconds) })}`;
  const inner = [
    ...(isFailed(testCase)
      ? [
          `      <failure${attributes({ message: headline ?? failures[0] ?? "", type: name })}>${escapeXml(failures.join("\n\n"))}</failure>`,
        ]
      : skipped === undefined
        ? []
        : [`      <skipped${attributes({ message: skipped })}/>`]),
    ...(notes.length === 0 ? [] : [`      <system-out>${escapeXml(notes.join("\n\n"))}</system-out>`]),
  ];
  return inner.length === 0 ? [`${open}/>`] : [`${open}>`, ...inner, "    </testcase>"];
}

const attributes = (values: { readonly [name: string]: string | number }): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
