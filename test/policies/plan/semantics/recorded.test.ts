import { describe, expect, test } from "vitest";
import { UNKNOWN } from "../../../../policies/plan/plan";
import { checkInputs, previewOutputs, semanticsOf } from "../../../../policies/plan/provider";
import { RECORDED } from "./recorded";

/**
 * What Check of 7.48.0 adds and 5.42.0 did not: `region` (only with a provider region, so not here), `tagsAll`,
 * and defaults of settings that are newer than the recording.
 */
const NEWER_DEFAULTS: { readonly [type: string]: readonly string[] } = {
  "aws:ecs/taskDefinition:TaskDefinition": ["trackLatest"],
  "aws:lb/loadBalancer:LoadBalancer": ["clientKeepAlive", "dnsRecordClientRoutingPolicy", "enableZonalShift"],
};
/** What 5.42.0 filled in and 7.48.0 leaves to AWS: the property became computed in between. */
const NO_LONGER_DEFAULTS: { readonly [type: string]: readonly string[] } = {
  "aws:lb/targetGroup:TargetGroup": ["connectionTermination"],
};

describe("Check, held against recorded traffic of the real provider", () => {
  test.each(RECORDED)("adds to $type just what the real provider added", (recorded) => {
    const { type, logicalName, suffix = "0000000", given, added } = recorded;
    const { tagsAll: _tagsAll, ...checked } = checkInputs(type, logicalName, suffix, given);
    const expected: Record<string, unknown> = { ...given, ...added };
    for (const property of NO_LONGER_DEFAULTS[type] ?? []) delete expected[property];
    for (const property of NEWER_DEFAULTS[type] ?? []) expected[property] = checked[property];
    expect(checked).toEqual(expected);
  });
});

describe("a preview, held against recorded traffic of the real provider", () => {
  test.each(RECORDED)("does not know what AWS decided for $type", (recorded) => {
    const { type, logicalName, suffix = "0000000", given, decided } = recorded;
    const outputs = previewOutputs(type, checkInputs(type, logicalName, suffix, given));
    const known = Object.keys(decided).filter((property) => outputs[property] !== UNKNOWN);
    // `tagsAll` is worked out from the tags; a default of the schema is no decision of AWS.
    const planned = Object.keys(semanticsOf(type)?.plannedDefaults ?? {});
    expect(known.filter((property) => property !== "tagsAll" && !planned.includes(property))).toEqual([]);
    for (const property of planned) expect(outputs[property]).toEqual(decided[property]);
  });
});
