import type { PropertyMap, PropertyValue } from "../plan";
import { policyDocument } from "./policyDocument";

/** The account every offline run pretends to be: AWS's own documentation example, so nobody's. */
export const ACCOUNT_ID = "123456789012";

/** Zones the fictional account has in every region. */
const ZONE_LETTERS = ["a", "b", "c"] as const;

/**
 * Answers a data source call from the table, without AWS.
 *
 * @returns undefined for a token that is not here: the caller must say so, with the token, and never answer
 * with something empty
 */
export function answerInvoke(token: string, args: PropertyMap, region: string): PropertyMap | undefined {
  const asked = args.region;
  return ANSWERS[token]?.(args, typeof asked === "string" ? asked : region);
}

/** The tokens `answerInvoke` knows. */
export function knownInvokes(): readonly string[] {
  return Object.keys(ANSWERS);
}

const ANSWERS: { readonly [token: string]: (args: PropertyMap, region: string) => PropertyMap } = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId: ACCOUNT_ID,
    arn: `arn:aws:iam::${ACCOUNT_ID}:user/offline`,
    id: ACCOUNT_ID,
    userId: "AIDAOFFLINEOFFLINEOFF",
  }),
  "aws:index/getRegion:getRegion": (args, region) => {
    const name = typeof args.name === "string" ? args.name : region;
    return {
      description: `Offline (${name})`,
      endpoint: `ec2.${name}.amazonaws.com`,
      id: name,
      name,
      region: name,
    };
  },
  "aws:index/getPartition:getPartition": () => ({
    dnsSuffix: "amazonaws.com",
    id: "aws",
    partition: "aws",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": availabilityZones,
  "aws:iam/getPolicyDocument:getPolicyDocument": policyDocument,
};

function availabilityZones(args: PropertyMap, region: string): PropertyMap {
  const zones = ZONE_LETTERS.map((letter, index) => ({
    name: `${region}${letter}`,
    id: `${shortRegion(region)}-az${index + 1}`,
  })).filter(({ name, id }) => !includes(args.excludeNames, name) && !includes(args.excludeZoneIds, id));
  return {
    ...args,
    groupNames: [region],
    id: region,
    names: zones.map((zone) => zone.name),
    region,
    zoneIds: zones.map((zone) => zone.id),
  };
}

/** `ap-southeast-2` is `apse2` in the ids of its zones. */
export function shortRegion(region: string): string {
  return region.replace(/north|south|east|west|central|gov/g, (word) => word.charAt(0)).replaceAll("-", "");
}

function includes(list: PropertyValue | undefined, item: string): boolean {
  return Array.isArray(list) && list.includes(item);
}
