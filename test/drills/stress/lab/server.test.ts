import { describe, expect, it } from "vitest";
import { readDatabaseUrl } from "../../../../drills/stress/lab/server";

describe("a database of one's own", () => {
  it("is read from its URL, with what is escaped in it", () => {
    const { admin, address } = readDatabaseUrl("postgresql://me:p%40ss@localhost:5433/a%20b");
    expect(admin).toMatchObject({
      host: "localhost",
      port: 5433,
      user: "me",
      password: "p@ss",
      database: "a b",
    });
    expect(address).toEqual({ DB_HOST: "localhost", DB_PORT: "5433", DB_NAME: "a b", DB_SSL_CA: "" });
  });

  it.each([
    ["localhost:5432/auth", /form postgresql:\/\/USER/],
    ["mysql://u:secret@h/d", /form postgresql:\/\/USER/],
    ["postgresql://u:secret@localhost/", /a user, a password, a host or a database/],
    ["postgresql://u@localhost/d", /a user, a password, a host or a database/],
    ["postgresql://u:secret@db.example.com/d", /db\.example\.com.*sslrootcert/],
    ["postgresql://u:secret@db.example.com/d?sslrootcert=/no/such/file", /sslrootcert=\/no\/such\/file/],
  ])("%s is refused without showing the password", (url, expected) => {
    expect(() => readDatabaseUrl(url)).toThrow(expected);
    expect(() => readDatabaseUrl(url)).not.toThrow(/secret/);
  });
});
