import ts from "typescript";
import { describe, expect, it } from "vitest";
import { k6Script } from "../../../drills/stress/k6";
import { declaredMix } from "../../../drills/stress/load/requests";
import { outageStack } from "./support";

const script = k6Script({
  stack: outageStack,
  mix: declaredMix(1.1),
  seconds: 60,
  warmUpSeconds: 10,
  rampTo: 1.5,
});

interface Exported {
  options?: {
    scenarios: { [name: string]: { executor: string; rate?: number; maxVUs: number; startTime?: string } };
    thresholds: { [name: string]: string[] };
  };
  setup?: () => string[];
  request?: (tokens: string[]) => void;
}

/** Runs the script with stand-ins for k6's modules, and returns what it exports. */
function evaluated() {
  const sent: { method: string; url: string; body?: string; token?: string }[] = [];
  const http = {
    post: (url: string, body: string) => {
      sent.push({ method: "POST", url, body });
      return { status: 200, json: () => "a-token" };
    },
    get: (url: string, { headers }: { headers: { Authorization: string } }) => {
      sent.push({ method: "GET", url, token: headers.Authorization });
      return { status: 200 };
    },
  };
  const SharedArray = function SharedArray(_name: string, make: () => unknown[]) {
    return make();
  };
  const modules: { readonly [name: string]: unknown } = {
    k6: { check: () => true },
    "k6/data": { SharedArray },
    "k6/execution": { __esModule: true, default: {} },
    "k6/http": { __esModule: true, default: http },
  };
  const { outputText } = ts.transpileModule(script, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const exported: Exported = {};
  const accounts = JSON.stringify([{ username: "a", password: "b" }]);
  new Function("exports", "require", "__ENV", "open", outputText)(
    exported,
    (name: string) => modules[name],
    { BASE_URL: "https://auth.test" },
    () => accounts,
  );
  return { exported, sent };
}

describe("the k6 script", () => {
  it("is a module without a syntax error", () => {
    const { diagnostics } = ts.transpileModule(script, { reportDiagnostics: true });
    expect(diagnostics).toEqual([]);
  });

  it("makes the whole declared peak by arrival rate, then goes beyond it", () => {
    const { options } = evaluated().exported;
    expect(options?.scenarios.peak).toMatchObject({
      executor: "constant-arrival-rate",
      rate: 400,
      startTime: "10s",
    });
    expect(options?.scenarios.beyond).toMatchObject({ executor: "ramping-arrival-rate", startTime: "70s" });
    // 600 requests/s that each take 8 s at worst.
    expect(options?.scenarios.peak?.maxVUs).toBe(4800);
  });

  it("has the stack's own objectives as thresholds, and lets no arrival be dropped", () => {
    expect(evaluated().exported.options?.thresholds).toEqual({
      "http_req_failed{scenario:peak}": ["rate<=0.02"],
      "http_req_duration{scenario:peak}": ["p(99)<=1000"],
      "dropped_iterations{scenario:peak}": ["count==0"],
      "checks{scenario:peak}": ["rate==1"],
    });
  });

  it("logs in for one request in ten and checks a session for the others", () => {
    const { exported, sent } = evaluated();
    const tokens = exported.setup?.() ?? [];
    expect(tokens).toEqual(["a-token"]);
    sent.length = 0;
    for (let n = 0; n < 5000; n++) exported.request?.(tokens);
    const logins = sent.filter(({ url }) => url === "https://auth.test/login");
    expect(logins.length / sent.length).toBeGreaterThan(0.08);
    expect(logins.length / sent.length).toBeLessThan(0.12);
    expect(logins[0]?.body).toBe('{"username":"a","password":"b"}');
    expect(sent.find(({ method }) => method === "GET")).toMatchObject({
      url: "https://auth.test/session",
      token: "Bearer a-token",
    });
  });
});
