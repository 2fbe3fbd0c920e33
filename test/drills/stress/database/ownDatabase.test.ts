import { describe, expect, it } from "vitest";
import { readDatabaseUrl } from "../../../../drills/stress/database/ownDatabase";

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
    ["localhost:5432/auth", /not of the form postgresql:\/\/USER/],
    ["mysql://u:secret@h/d", /not of the form/],
    ["postgresql://u:secret@localhost/", /lacks a user, a password, a host or a database/],
    ["postgresql://u@localhost/d", /lacks/],
    ["postgresql://u:secret@db.example.com/d", /names another machine \(db\.example\.com\).*sslrootcert/],
    [
      "postgresql://u:secret@db.example.com/d?sslrootcert=/no/such/file",
      /sslrootcert=\/no\/such\/file cannot be read/,
    ],
  ])("%s is refused without showing the password", (url, expected) => {
    expect(() => readDatabaseUrl(url)).toThrow(expected);
    try {
      readDatabaseUrl(url);
    } catch (error) {
      expect(String(error)).not.toContain("secret");
    }
  });
});
