import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { type ConnectionOptions, checkServerIdentity } from "node:tls";
import { Signer } from "@aws-sdk/rds-signer";
import type { ClientConfig, PoolConfig } from "pg";
import type { DatabaseAddress, DatabaseSettings } from "../settings/databaseSettings";
import { EnvironmentError } from "../settings/environment";

/**
 * Where the database is and how to log in, in node-postgres's words.
 *
 * With IAM each new connection asks for a token of its own: one is valid for 15 minutes, a connection for as long as
 * it lives (AWS: RDS User Guide, "IAM database authentication"). Signing is local, apart from the task role's
 * credentials, which the SDK keeps.
 */
export function toPgAddress(settings: DatabaseSettings): PoolConfig {
  return {
    ...toPgServer(settings),
    user: settings.user,
    application_name: settings.poolName,
    password: passwordOf(settings),
  };
}

/** Where the database is, reached with TLS, in node-postgres's words. */
export function toPgServer(address: DatabaseAddress): ClientConfig {
  const { host, port, database } = address;
  return { host, port, database, ssl: tlsOf(address) };
}

function passwordOf({ credentials, host, port, user }: DatabaseSettings): string | (() => Promise<string>) {
  if (credentials.kind === "password") return credentials.password;
  const signer = new Signer({ hostname: host, port, username: user, region: credentials.region });
  return () => signer.getAuthToken();
}

/**
 * Verified against the given authorities alone, by the host's name: a certificate of anyone else's is refused. The name is
 * checked here as well as by Node, which takes an address for "localhost" where no server name may be sent (RFC 6066).
 */
function tlsOf({ caFile, host }: DatabaseAddress): ConnectionOptions | false {
  if (caFile === undefined) return false;
  return {
    ca: certificatesIn(caFile),
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(isIP(host) === 0 && { servername: host }),
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  };
}

function certificatesIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new EnvironmentError([
      `DB_SSL_CA is "${file}", which cannot be read (${reason}): the database's certificate cannot be verified. Set it to a file with its certificate authorities; the image includes /etc/ssl/certs/rds-global-bundle.pem.`,
    ]);
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new EnvironmentError([
    `DB_SSL_CA is "${file}", which contains no PEM certificate: the database's certificate cannot be verified. Set it to a file with its certificate authorities; the image includes /etc/ssl/certs/rds-global-bundle.pem.`,
  ]);
}
