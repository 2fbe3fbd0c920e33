import { Client, type QueryResultRow } from "pg";

/** Role the service logs in as; its migrations create it (`service/migrations`). */
export const SERVICE_ROLE = "auth_app";

/** Where a database is and how the lab logs in. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Certificate authorities in PEM; undefined is a connection without TLS. */
  readonly authority: string | undefined;
  /** Whose certificate it has to be. @default localhost */
  readonly serverName?: string;
}

/** As node-postgres takes it. */
export const clientOptions = ({ authority, serverName = "localhost", ...address }: AdminAddress) => ({
  ...address,
  ssl: authority === undefined ? (false as const) : { ca: authority, servername: serverName },
});

/**
 * The lab's own way into the database, apart from the service's: one connection, opened again after a restart. It takes
 * a superuser's reserved slot, so that it also gets in when others have taken all the rest.
 */
export class Admin {
  private client: Client | undefined;

  constructor(readonly address: AdminAddress) {}

  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.client ??= await this.connect();
    const { rows } = await this.client.query<Row>(text, [...values]);
    return rows;
  }

  /** A connection of its own, for whatever must not share one. The caller ends it. */
  async connect(over: Partial<Pick<AdminAddress, "user" | "password" | "database">> = {}): Promise<Client> {
    const client = new Client({
      ...clientOptions({ ...this.address, ...over }),
      application_name: "poolproof-stress",
      connectionTimeoutMillis: 5_000,
    });
    client.on("error", () => {
      // It broke while nothing was asked of it: the next question opens another.
      if (this.client === client) this.client = undefined;
    });
    await client.connect();
    return client;
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    // A connection that is broken already is closed.
    await client?.end().catch(() => {});
  }
}
