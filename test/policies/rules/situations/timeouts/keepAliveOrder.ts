import { UNKNOWN } from "../../../../../policies/plan/plan";
import { environment, SERVICE, tags } from "../../../samplePlan";
import { measuredIn } from "../../situation";

const given = measuredIn("ms", SERVICE);
const keepAlive = (value: string | undefined) => ({
  environment: environment({ HTTP_KEEP_ALIVE_TIMEOUT_MS: value }),
});

export const KEEP_ALIVE_ORDER = [
  given("The server closes after the load balancer", keepAlive("60001")),
  given("The server never closes", keepAlive("0")),
  given("The server closes with the load balancer", keepAlive("60000")).violates(60000, [60001, null]),
  given("The server closes after Node's 5 s", keepAlive(undefined)).violates(5000, [60001, null]),
  given("The load balancer has AWS's default", { ...keepAlive("59999"), idleTimeout: null }).violates(59999, [
    60001,
    null,
  ]),
  given("The load balancer never closes", { idleTimeout: 0 }).violates(),
  given("The load balancer's idle timeout is negative", { idleTimeout: -1 }),
  given("The load balancer's idle timeout is hidden", { idleTimeout: UNKNOWN }).undecided("idleTimeout"),
  given("The keep-alive is a word", keepAlive("soon")).violates("soon"),
  given("The keep-alive is negative", keepAlive("-1")).violates(-1),
  given("The keep-alive is not a number", keepAlive("NaN")).violates("NaN"),
  given("The keep-alive is a word and the idle timeout hidden", {
    ...keepAlive("soon"),
    idleTimeout: UNKNOWN,
  })
    .violates("soon")
    .undecided("idleTimeout"),
  given("No load balancer is in front", { ...keepAlive("1"), service: { loadBalancers: [] } }),
  given("The server is not Node's and its keep-alive not set", {
    environment: { DB_POOL_SIZE: "12", REQUEST_TIMEOUT_MS: "8000" },
    tags: tags({ "poolproof:pool-library": "hikaricp" }),
  }).undecided("HTTP_KEEP_ALIVE_TIMEOUT_MS"),
];
