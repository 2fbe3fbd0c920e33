// Ties a saved plan to the verdict it was made under, so that what is deployed is what was judged and approved.
//
//     npx tsx tools/ci/receipt.ts write --stack S --plan FILE --report FILE --output FILE
//     npx tsx tools/ci/receipt.ts verify --stack S --plan FILE --receipt FILE
//     npx tsx tools/ci/receipt.ts ran --stack S --report FILE
//
// `write` refuses a plan whose report is missing, of another stack, rejected or undecided; `verify` refuses a plan that is
// not the one on the receipt, or of another commit (GITHUB_SHA); `ran` is for after the deployment: the pack has judged it.
// Exit codes: 0 it holds, 1 it does not, 2 the input cannot be used.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { command, options, type Report, readReport, Stop } from "./support";

interface Receipt {
  readonly version: 1;
  readonly stack: string;
  readonly commit: string;
  /** SHA-256, as of the report. */
  readonly plan: string;
  readonly report: string;
}

function digest(file: string): string {
  if (!existsSync(file)) throw new Stop(`there is no ${file}`);
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function acceptedReport(file: string, stack: string): Report {
  const report = readReport(file);
  if (report.stack !== stack) throw new Stop(`${file} judges ${report.stack}, not ${stack}`, 1);
  if (report.verdict !== "accepted") {
    const rules = [...new Set(report.violations.map(({ rule }) => rule))].join(", ");
    throw new Stop(`${stack} is rejected (${rules}): nothing may be deployed`, 1);
  }
  return report;
}

function receiptFor(stack: string, plan: string, report: string, commit: string): Receipt {
  const { undecided } = acceptedReport(report, stack);
  if (undecided.length > 0) {
    const open = undecided.map(({ rule, property }) => `${rule} (${property})`).join(", ");
    throw new Stop(`${stack} is not decided in full: ${open}. What is not judged is not deployed`, 1);
  }
  return { version: 1, stack, commit, plan: digest(plan), report: digest(report) };
}

function verify(
  receipt: Receipt,
  { stack, plan, commit }: { stack: string; plan: string; commit: string },
): void {
  if (receipt.version !== 1) throw new Stop("the receipt is of another version of this repository", 1);
  if (receipt.stack !== stack) throw new Stop(`the receipt is of ${receipt.stack}, not of ${stack}`, 1);
  if (receipt.commit !== commit) {
    throw new Stop(
      `the plan was judged at commit ${receipt.commit}, and this is ${commit}: preview again`,
      1,
    );
  }
  if (receipt.plan !== digest(plan))
    throw new Stop(`${plan} is not the plan that was judged: preview again`, 1);
}

function readReceipt(file: string): Receipt {
  if (!existsSync(file)) throw new Stop(`there is no receipt ${file}: no plan was judged`, 1);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new Stop(`${file} is not a receipt: it is not JSON`, 1);
  }
}

if (process.argv[1] === __filename) {
  command(() => {
    const [action, ...rest] = process.argv.slice(2);
    const { required } = options(rest, ["stack", "plan", "report", "receipt", "output"]);
    const stack = required("stack");
    const commit = process.env.GITHUB_SHA ?? "";
    switch (action) {
      case "write": {
        const receipt = receiptFor(stack, required("plan"), required("report"), commit);
        writeFileSync(required("output"), `${JSON.stringify(receipt, null, 2)}\n`);
        process.stdout.write(`✔ ${stack}: accepted and decided in full; the receipt is written\n`);
        return;
      }
      case "verify":
        verify(readReceipt(required("receipt")), { stack, plan: required("plan"), commit });
        process.stdout.write(`✔ ${stack}: this is the plan that was judged\n`);
        return;
      case "ran":
        acceptedReport(required("report"), stack);
        process.stdout.write(`✔ ${stack}: the policy pack has judged this deployment and accepts it\n`);
        return;
      default:
        throw new Stop(`write, verify or ran, not ${action ?? "nothing"}`);
    }
  });
}
