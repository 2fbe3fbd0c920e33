import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import type { WorkSlots } from "./workSlots";

/** What scrypt costs (RFC 7914): N as a power of two, block size, passes. */
export interface HashCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

/**
 * Five passes over 16 MiB at N = 2^14: of the settings that OWASP holds equal, the one with the least memory, so that
 * several hashes at once fit beside the service in a small task.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export const costOf = (log2N: number): HashCost => ({ log2N, r: 8, p: 5 });

const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** Hashes and verifies passwords on libuv's threads, as many at a time as `slots` allow. */
export class PasswordHasher {
  /** Verified against when no account has the name: as much work as for a real account, and never right. */
  private readonly nobody: string;

  constructor(
    private readonly cost: HashCost,
    private readonly slots: WorkSlots,
  ) {
    this.nobody = encode(cost, randomBytes(SALT_BYTES), randomBytes(KEY_BYTES));
  }

  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    return encode(this.cost, salt, await this.slots.run(() => derive(password, salt, this.cost)));
  }

  /**
   * Whether the password is the account's.
   * @param stored - The account's hash; undefined where there is no such account, which takes as long to find out.
   * @param signal - Gives up the wait for a turn.
   */
  async verify(password: string, stored: string | undefined, signal?: AbortSignal): Promise<boolean> {
    const { cost, salt, key } = decode(stored ?? this.nobody);
    const derived = await this.slots.run(() => derive(password, salt, cost), signal);
    return timingSafeEqual(derived, key) && stored !== undefined;
  }
}

function derive(password: string, salt: Buffer, { log2N, r, p }: HashCost): Promise<Buffer> {
  const N = 2 ** log2N;
  // scrypt takes 128·N·r bytes and a little for its passes; Node's own limit is 32 MiB.
  const options = { N, r, p, maxmem: 128 * r * (N + p) + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFKC"), salt, KEY_BYTES, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** `$scrypt$ln=14,r=8,p=5$SALT$KEY`, the form that passlib and others read. */
function encode({ log2N, r, p }: HashCost, salt: Buffer, key: Buffer): string {
  const base64 = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;
}

const ENCODED = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

function decode(stored: string): { readonly cost: HashCost; readonly salt: Buffer; readonly key: Buffer } {
  const [, log2N, r, p, salt, key] = ENCODED.exec(stored) ?? [];
  if (salt === undefined || key === undefined)
    throw new Error("a stored password hash is not in scrypt format");
  return {
    cost: { log2N: Number(log2N), r: Number(r), p: Number(p) },
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
}
