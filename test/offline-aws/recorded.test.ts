import { afterAll, beforeAll, expect, test } from "vitest";
import { ACCOUNT_ID, semanticsOf } from "../../policies/plan/provider";
import { RECORDED, RECORDED_ACCOUNT, RECORDED_REGION } from "../policies/plan/semantics/recorded";
import { Engine, urnOf, type Values } from "./client";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start(RECORDED_REGION);
});
afterAll(() => engine.close());

/**
 * Where 7.48.0 is known to differ from the recorded 5.42.0: an instance's id is its resource id by now (upgrade
 * guide of version 5 of the Terraform provider).
 */
const ID_CHANGED: ReadonlySet<string> = new Set(["aws:rds/instance:Instance"]);
/** A clock, and a counter that others had moved before. */
const BY_CHANCE: ReadonlySet<string> = new Set(["createDate", "revision"]);

/** Text as a pattern: what AWS draws at random, or takes from the account, may be any of its kind. */
function shapeOf(recorded: string): RegExp {
  const parts: readonly (readonly [RegExp, string])[] = [
    [new RegExp(RECORDED_ACCOUNT, "g"), `(?:${RECORDED_ACCOUNT}|${ACCOUNT_ID})`],
    [/:228$/, ":\\d+"],
    [/\b(?:\d{1,3}[.-]){3}\d{1,3}\b/g, "[\\d.-]+"],
    [/db-[A-Z0-9]{26}/g, "db-[A-Z0-9]{26}"],
    [/AROA[A-Z0-9]{17}/g, "AROA[A-Z0-9]{17}"],
    [
      /[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}/g,
      "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
    ],
    [/-2Daf5H\b/g, "-\\w{6}"],
    [/\bchuqccm8uxqx\b/g, "\\w{12}"],
    [/(?<=load-balancer-)\d{10}\b/g, "\\d{10}"],
    [/\b0[0-9a-f]{16}\b/g, "0[0-9a-f]{16}"],
    [/\b(?=[0-9a-f]*[a-f])[0-9a-f]{16}\b/g, "[0-9a-f]{16}"],
  ];
  const held: string[] = [];
  let pattern = recorded;
  for (const [kind, replacement] of parts) {
    pattern = pattern.replace(kind, () => `<${held.push(replacement) - 1}>`);
  }
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/<(\d+)>/g, (_all, index) => held[Number(index)] ?? "")}$`);
}

test.each(RECORDED)("$type comes out of Create as the real provider's did", async (recorded) => {
  const urn = urnOf(recorded.type, recorded.logicalName);
  const auto = semanticsOf(recorded.type)?.autoName?.property;
  const given = structuredClone(recorded.given) as Values;
  // The recorded name carries the random digits of the day.
  const name = auto === undefined ? undefined : (recorded.added[auto] as string | undefined);
  const { id, outputs } = await engine.make(
    urn,
    name === undefined ? given : { ...given, [auto ?? ""]: name },
  );

  if (!ID_CHANGED.has(recorded.type)) expect(id).toMatch(shapeOf(recorded.id));
  for (const [property, value] of Object.entries(recorded.decided)) {
    if (BY_CHANCE.has(property)) expect(typeof outputs[property], property).toBe(typeof value);
    else if (typeof value === "string") expect(outputs[property], property).toMatch(shapeOf(value));
    else expect(outputs[property], property).toEqual(value);
  }
});
