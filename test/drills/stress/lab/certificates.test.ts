import { X509Certificate } from "node:crypto";
import { expect, it } from "vitest";
import { throwawayCertificates } from "../../../../drills/stress/lab/certificates";

it("throwaway certificates are verified by their own authority, for the loopback names", () => {
  const { authority, serverCertificate, serverKey } = throwawayCertificates();
  const ca = new X509Certificate(authority);
  const server = new X509Certificate(serverCertificate);
  expect(ca.ca).toBe(true);
  expect(server.verify(ca.publicKey)).toBe(true);
  expect(server.checkIssued(ca)).toBe(true);
  expect(server.checkHost("localhost")).toBe("localhost");
  expect(server.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(serverKey).toContain("BEGIN PRIVATE KEY");
  expect(server.verify(new X509Certificate(throwawayCertificates().authority).publicKey)).toBe(false);
});
