import { describe, expect, it } from "vitest";
import { ecrRepository } from "../../../infra/service/imageReference";

describe("the repository of an image", () => {
  it.each([
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/auth:1.0.0",
    `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/auth@sha256:${"0".repeat(64)}`,
  ])("is known for ECR: %s", (image) => {
    expect(ecrRepository(image)).toEqual({
      accountId: "123456789012",
      region: "eu-west-1",
      name: "team/auth",
    });
  });

  it.each([
    "public.ecr.aws/team/auth:1.0.0",
    "ghcr.io/team/auth:1.0.0",
    "auth:1.0.0",
  ])("needs no permission elsewhere: %s", (image) => {
    expect(ecrRepository(image)).toBeUndefined();
  });
});
