import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** What a TLS server and its clients need, in PEM; it lasts for a week and dies with the lab. */
interface Certificates {
  /** What `DB_SSL_CA` names: the stand-in for the bundle of RDS. */
  readonly authority: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
}

/**
 * An authority and a certificate for the loopback address, so that the service verifies its database as it does in
 * production. Node.js signs but makes no certificates, and an `openssl` is not everywhere: the few DER structures of
 * RFC 5280 are put together here.
 */
export function throwawayCertificates(now: Date = new Date()): Certificates {
  const authority = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const server = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuer = { name: "poolproof stress lab", key: authority.privateKey };
  return {
    authority: certificate({
      issuer,
      now,
      subject: issuer.name,
      publicKey: authority.publicKey,
      extensions: [
        extension(OID.basicConstraints, sequence(der(0x01, Buffer.of(0xff))), true),
        // keyCertSign
        extension(OID.keyUsage, der(0x03, Buffer.of(2, 0x04)), true),
      ],
    }),
    serverCertificate: certificate({
      issuer,
      now,
      subject: "localhost",
      publicKey: server.publicKey,
      extensions: [
        extension(
          OID.subjectAltName,
          sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.of(127, 0, 0, 1))),
        ),
      ],
    }),
    serverKey: server.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Object identifiers, encoded: RFC 5280 section 4.2, RFC 5758 section 3.2, X.520. */
const OID = {
  commonName: "550403",
  basicConstraints: "551d13",
  keyUsage: "551d0f",
  subjectAltName: "551d11",
  ecdsaWithSha256: "2a8648ce3d040302",
} as const;

interface Request {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: { readonly name: string; readonly key: KeyObject };
  readonly extensions: readonly Buffer[];
  readonly now: Date;
}

const DAY_MS = 86_400_000;

function certificate({ subject, publicKey, issuer, extensions, now }: Request): string {
  const algorithm = sequence(identifier(OID.ecdsaWithSha256));
  const serial = Buffer.concat([Buffer.of(0x01), randomBytes(15)]); // positive
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.of(2))), // version 3
    der(0x02, serial),
    algorithm,
    distinguishedName(issuer.name),
    sequence(utcTime(new Date(now.getTime() - DAY_MS)), utcTime(new Date(now.getTime() + 7 * DAY_MS))),
    distinguishedName(subject),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign("sha256", toBeSigned, issuer.key);
  const whole = sequence(toBeSigned, algorithm, der(0x03, Buffer.of(0), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/** Tag, length, content: X.690. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const size = content.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), content]);
  const bytes = size < 0x100 ? [size] : [size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length, ...bytes), content]);
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);

const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, "hex"));

const distinguishedName = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(identifier(OID.commonName), der(0x0c, Buffer.from(commonName)))));

/** `YYMMDDHHMMSSZ`. */
const utcTime = (at: Date): Buffer =>
  der(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));

const extension = (oid: string, content: Buffer, critical = false): Buffer =>
  sequence(identifier(oid), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, content));
