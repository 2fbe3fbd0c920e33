import { requestTimeoutMs } from "./lab/fleet";
import type { RequestMix } from "./load/requests";
import type { StackUnderTest } from "./stackUnderTest";

interface K6Options {
  readonly stack: StackUnderTest;
  readonly mix: RequestMix;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How far the load grows afterwards, as a multiple of the peak. */
  readonly rampTo: number;
}

/** What the script imports: modules of k6's own, which nothing here has. */
const IMPORTS = [
  ["{ check }", "k6"],
  ["{ SharedArray }", "k6/data"],
  ["exec", "k6/execution"],
  ["http", "k6/http"],
]
  .map(([what, module]) => `import ${what} from ${JSON.stringify(module)};`)
  .join("\n");

/**
 * The lab's load as a k6 script, for a deployed stack and for load that one machine cannot make: the same mix at the whole
 * declared peak, from arrival-rate executors, with the stack's own objectives as thresholds.
 *
 * k6 spaces its arrivals evenly where the lab draws a Poisson process, which is a little gentler on the queue; and it counts
 * from when a request was sent, so the thresholds also refuse dropped iterations.
 * @see https://grafana.com/docs/k6/latest/using-k6/scenarios/executors/constant-arrival-rate/
 */
export function k6Script({ stack, mix, seconds, warmUpSeconds, rampTo }: K6Options): string {
  const { demand, objectives } = stack;
  const rate = Math.max(1, Math.round(demand.peakRequestsPerSecond));
  const timeoutMs = requestTimeoutMs(stack);
  // Little's law: so many requests are under way if each takes as long as it may; k6 needs a virtual user for each.
  const usersAtMost = Math.ceil((rate * rampTo * timeoutMs) / 1000);
  const usersToBegin = Math.min(usersAtMost, Math.ceil((rate * objectives.toleratedLatencyMs) / 1000));
  const scenario = (more: object): object => ({
    timeUnit: "1s",
    preAllocatedVUs: usersToBegin,
    maxVUs: usersAtMost,
    ...more,
  });
  const options = {
    discardResponseBodies: false,
    scenarios: {
      warmUp: scenario({
        executor: "constant-arrival-rate",
        rate,
        duration: `${warmUpSeconds}s`,
        exec: "request",
      }),
      peak: scenario({
        executor: "constant-arrival-rate",
        rate,
        duration: `${seconds}s`,
        startTime: `${warmUpSeconds}s`,
        exec: "request",
      }),
      beyond: scenario({
        executor: "ramping-arrival-rate",
        startRate: rate,
        stages: [{ target: Math.round(rate * rampTo), duration: `${Math.ceil(seconds / 2)}s` }],
        startTime: `${warmUpSeconds + seconds}s`,
        exec: "request",
      }),
    },
    thresholds: {
      "http_req_failed{scenario:peak}": [`rate<=${objectives.toleratedFailurePercent / 100}`],
      "http_req_duration{scenario:peak}": [`p(99)<=${objectives.toleratedLatencyMs}`],
      "dropped_iterations{scenario:peak}": ["count==0"],
      "checks{scenario:peak}": ["rate==1"],
    },
  };
  return `// The declared peak of the stack "${stack.stack}", as \`npm run stress -- ${stack.stack}\` makes it on one machine.
//
//   k6 run -e BASE_URL=https://auth.example.com -e USERS_FILE=users.json ${stack.stack}.js
//
// USERS_FILE: a list of test accounts, [{ "username": "…", "password": "…" }, …], made for this and removed afterwards.
// Run it against a stack of your own that no one else uses, never against production without its owners.
${IMPORTS}

const BASE_URL = __ENV.BASE_URL || "http://127.0.0.1:8080";
const users = new SharedArray("users", () => JSON.parse(open(__ENV.USERS_FILE || "./users.json")));

// ${demand.acquisitionsPerRequest} acquisitions a request: a login takes two connections, a session check one.
const LOGIN_SHARE = ${Number(mix.loginShare.toFixed(6))};
const REQUEST_TIMEOUT = "${timeoutMs + 500}ms";

export const options = ${JSON.stringify(options, null, 2)};

const json = { headers: { "Content-Type": "application/json" }, timeout: REQUEST_TIMEOUT };

function login(user) {
  return http.post(\`\${BASE_URL}/login\`, JSON.stringify(user), { ...json, tags: { name: "login" } });
}

// Sessions to check, one a user: made before the load, so that the load is of the declared mix from its first second.
export function setup() {
  return users.map((user) => {
    const response = login(user);
    if (response.status !== 200) exec.test.abort(\`the account \${user.username} cannot log in: \${response.status}\`);
    return response.json("token");
  });
}

export function request(tokens) {
  const at = Math.floor(Math.random() * users.length);
  if (Math.random() < LOGIN_SHARE) {
    const response = login(users[at]);
    // A failure of the server's is http_req_failed's; a wrong answer is worse.
    check(response, { "a right login is let in": ({ status }) => status === 200 || status >= 500 || status === 0 });
    return;
  }
  const response = http.get(\`\${BASE_URL}/session\`, {
    headers: { Authorization: \`Bearer \${tokens[at]}\` },
    timeout: REQUEST_TIMEOUT,
    tags: { name: "session" },
  });
  check(response, { "a session is known": ({ status }) => status === 200 || status >= 500 || status === 0 });
}
`;
}
