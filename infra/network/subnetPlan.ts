/** What a subnet is for. A tier is a band of the VPC's address block. */
export type Tier = "public" | "service" | "database";

export interface SubnetPlan {
  readonly tier: Tier;
  readonly zone: string;
  readonly cidrBlock: string;
}

/** Each tier has room for four zones, so that a zone can be added without renumbering the others. */
const BLOCKS_PER_TIER = 4;
const TIERS: readonly Tier[] = ["public", "service", "database"];
/** The block is cut into 16: three tiers of four, and four to spare. */
const BITS_PER_SUBNET = 4;

/**
 * Cuts a VPC's address block into one subnet per tier and zone.
 * @param cidrBlock - The VPC's block, /16 to /24 (a subnet of AWS is /28 at least).
 * @param zones - Availability zones, at most four.
 * @throws RangeError when the block is no such block or there are more zones than bands.
 * @example subnetPlan("10.20.0.0/16", ["eu-west-1a"])[1] // { tier: "service", zone: "eu-west-1a", cidrBlock: "10.20.64.0/20" }
 */
export function subnetPlan(cidrBlock: string, zones: readonly string[]): readonly SubnetPlan[] {
  const { address, prefix } = parseCidr(cidrBlock);
  if (zones.length < 1 || zones.length > BLOCKS_PER_TIER) {
    throw new RangeError(`a network has 1 to ${BLOCKS_PER_TIER} zones, not ${zones.length}`);
  }
  const subnetPrefix = prefix + BITS_PER_SUBNET;
  const size = 2 ** (32 - subnetPrefix);
  return TIERS.flatMap((tier, band) =>
    zones.map((zone, index) => ({
      tier,
      zone,
      cidrBlock: `${formatAddress(address + (band * BLOCKS_PER_TIER + index) * size)}/${subnetPrefix}`,
    })),
  );
}

function parseCidr(cidrBlock: string): { readonly address: number; readonly prefix: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidrBlock);
  const numbers = match?.slice(1).map(Number) ?? [];
  const octets = numbers.slice(0, 4);
  const prefix = numbers[4];
  if (prefix === undefined || prefix < 16 || prefix > 24 || octets.some((octet) => octet > 255)) {
    throw new RangeError(`${cidrBlock} is not an IPv4 block of /16 to /24`);
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  if (address % 2 ** (32 - prefix) !== 0) {
    throw new RangeError(`${cidrBlock} does not start at a boundary of a /${prefix}`);
  }
  return { address, prefix };
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
