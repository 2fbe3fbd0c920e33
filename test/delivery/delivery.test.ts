import { createRequire } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import { DEPLOYING } from "../../delivery/permissions/deploying";
import { settingsProblems } from "../../delivery/program";
import { ACTIONS } from "../../drills/review/live/permissions";
import { ACCOUNT, plan } from "../infra/plannedProgram";

// CommonJS from here on, as Pulumi itself loads the program: one copy of the SDK on both sides.
const load = createRequire(__filename);
const pulumi: typeof import("@pulumi/pulumi") = load("@pulumi/pulumi");

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: { readonly [property: string]: unknown };
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: unknown;
  readonly Condition?: {
    readonly [operator: string]: { readonly [key: string]: string | readonly string[] };
  };
}

const REPOSITORY = "acme/auth";

/** Runs the program as `up` would, with made-up answers for what a deployment decides. */
async function deploy(config: { readonly [key: string]: string } = {}) {
  const resources: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, custom }) => {
        if (custom !== false) resources.push({ type, name, inputs });
        const service = type.split(/[:/]/)[1];
        const made = { name, arn: `arn:aws:${service}:::${name}`, bucket: name, keyId: name };
        return { id: `${name}-id`, state: { ...made, ...inputs } };
      },
      call: ({ token }) =>
        token.includes("getPartition") ? { partition: "aws" } : { accountId: ACCOUNT, id: ACCOUNT },
    },
    "auth-delivery",
    "account",
    false,
  );
  pulumi.runtime.setAllConfig({
    "aws:region": "eu-west-1",
    "auth-delivery:repository": REPOSITORY,
    ...config,
  });
  const program: () => Promise<{ readonly [name: string]: unknown }> = load("../../delivery/index.js");
  const outputs = await program();
  await pulumi.runtime.disconnect();
  return { resources, outputs };
}

let made: Awaited<ReturnType<typeof deploy>>;
beforeAll(async () => {
  made = await deploy();
});

const one = (type: string, name?: string): Declared => {
  const found = made.resources.filter(
    (each) => each.type === type && (name === undefined || each.name === name),
  );
  if (found.length !== 1 || found[0] === undefined) throw new Error(`${found.length} ${type} ${name ?? ""}`);
  return found[0];
};
const document = (text: unknown) =>
  (JSON.parse(String(text)) as { readonly Statement: readonly Statement[] }).Statement;
const statements = (role: string) =>
  document(one("aws:iam/rolePolicy:RolePolicy", `${role}-policy`).inputs.policy);
const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;
const actions = (role: string) => statements(role).flatMap(({ Action }) => listed(Action));

describe("who may assume the roles", () => {
  it.each([
    ["preview", [`repo:${REPOSITORY}:pull_request`, `repo:${REPOSITORY}:ref:refs/heads/main`]],
    ["review", [`repo:${REPOSITORY}:ref:refs/heads/main`]],
    ["deploy", [`repo:${REPOSITORY}:environment:prod`]],
  ])("%s: jobs of this repository with these subjects, to the letter", (role, subjects) => {
    const [trust, ...more] = document(one("aws:iam/role:Role", role).inputs.assumeRolePolicy);
    expect(more).toEqual([]);
    expect(trust).toMatchObject({ Effect: "Allow", Action: "sts:AssumeRoleWithWebIdentity" });
    expect(trust?.Principal).toEqual({ Federated: "arn:aws:iam:::github" });
    expect(trust?.Condition).toEqual({
      StringEquals: {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": subjects,
      },
    });
  });

  it("is held by an identity provider that the account already has, where one is named", async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    const { resources } = await deploy({ "auth-delivery:identityProviderArn": arn });
    expect(resources.map(({ type }) => type)).not.toContain(
      "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    );
    const trust = document(resources.find(({ name }) => name === "deploy")?.inputs.assumeRolePolicy);
    expect(trust[0]?.Principal).toEqual({ Federated: arn });
  });
});

describe("what the roles may do", () => {
  const READS = /^[\w-]+:(Get|List|Describe)\w*\*?$|^kms:Decrypt$/;

  it.each(["preview", "review"])("%s changes nothing", (role) => {
    expect(actions(role).filter((action) => !READS.test(action))).toEqual([]);
    expect(actions(role).length).toBeGreaterThan(5);
  });

  it("review may ask what a review asks, and nothing else", () => {
    expect([...actions("review")].sort()).toEqual(Object.keys(ACTIONS).sort());
  });

  it("review sees neither the state nor a secret", () => {
    expect(actions("review").filter((action) => /^(s3|kms|ssm|secretsmanager):/.test(action))).toEqual([]);
  });

  it.each([
    "preview",
    "review",
    "deploy",
  ])("%s fits into IAM's inline policy, and grants no service whole", (role) => {
    const text = JSON.stringify({ Version: "2012-10-17", Statement: statements(role) });
    // IAM User Guide, quotas: 10,240 characters for all inline policies of a role, white space apart.
    expect(text.length).toBeLessThanOrEqual(10_240);
    expect(actions(role).filter((action) => /^(\*|[\w-]+:\*)$/.test(action))).toEqual([]);
  });

  it("deploy is bound to the region, or to names, in everything it changes", () => {
    for (const { Sid, Action, Resource, Condition } of statements("deploy")) {
      const changes = listed(Action).filter((action) => !READS.test(action));
      if (changes.length === 0 || !listed(Resource).includes("*")) continue;
      const bound = JSON.stringify(Condition ?? {});
      expect(bound, Sid).toMatch(/aws:RequestedRegion|kms:ViaService/);
    }
  });

  it("deploy hands a role to the services that the stack's roles are for, and to no other", () => {
    const pass = statements("deploy").find(({ Action }) => listed(Action).includes("iam:PassRole"));
    expect(Object.keys(pass?.Condition?.StringEquals ?? {})).toEqual(["iam:PassedToService"]);
  });
});

describe("the deploying role and the auth stack", () => {
  const planned = async () => {
    const all = [await plan("prod"), await plan("dev"), await plan("dev", { "auth:connection": "proxy" })];
    return all.flatMap(({ resources }) => resources);
  };
  let resources: Awaited<ReturnType<typeof planned>>;
  beforeAll(async () => {
    resources = await planned();
  });

  it("know the same types: what a stack declares can be deployed, and nothing else", () => {
    const types = [...new Set(resources.map(({ type }) => type).filter((type) => type.startsWith("aws:")))];
    expect(types.filter((type) => DEPLOYING[type] === undefined)).toEqual([]);
    expect(Object.keys(DEPLOYING).filter((type) => !types.includes(type))).toEqual([]);
  });

  it.each([
    ["aws:iam/role:Role", /:role\/(.*)$/],
    ["aws:s3/bucket:Bucket", /:::(.*)$/],
  ])("agree on the names of %s", (type, pattern) => {
    const prefixes = statements("deploy")
      .flatMap(({ Resource }) => listed(Resource))
      .flatMap((arn) => pattern.exec(arn)?.[1] ?? [])
      .filter((name) => name.endsWith("-*"))
      .map((name) => name.slice(0, -1));
    const names = resources.filter((each) => each.type === type).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !prefixes.some((prefix) => name.startsWith(prefix)))).toEqual([]);
  });
});

describe("the place of the state", () => {
  it("keeps old versions, is encrypted with its own key, and is closed to the public and to plain HTTP", () => {
    expect(one("aws:s3/bucketVersioning:BucketVersioning").inputs.versioningConfiguration).toEqual({
      status: "Enabled",
    });
    expect(Object.values(one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock").inputs)).toEqual(
      expect.arrayContaining([true, true, true, true]),
    );
    expect(
      JSON.stringify(
        one("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration").inputs,
      ),
    ).toContain("aws:kms");
    const [tls] = document(one("aws:s3/bucketPolicy:BucketPolicy").inputs.policy);
    expect(tls).toMatchObject({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
  });

  it("is what the workflows are told, under the names that they read", () => {
    expect(Object.keys(made.outputs).sort()).toEqual([
      "AWS_DEPLOY_ROLE",
      "AWS_PREVIEW_ROLE",
      "AWS_REGION",
      "AWS_REVIEW_ROLE",
      "PULUMI_BACKEND_URL",
      "secretsProvider",
    ]);
  });
});

describe("the settings", () => {
  const good = {
    region: "eu-west-1",
    repository: REPOSITORY,
    environments: ["prod"],
    identityProviderArn: undefined,
  };

  it("are taken as they should be", () => {
    expect(settingsProblems(good)).toEqual([]);
  });

  it.each([
    [{ region: "" }, /^aws:region is not set: pulumi config set aws:region/],
    [{ repository: "acme/*" }, /^repository is "acme\/\*", not OWNER\/NAME/],
    [{ environments: [] }, /^environments is \[\], not a list of names/],
    [{ environments: ["*"] }, /^environments is \["\*"\]/],
    [{ identityProviderArn: "github" }, /^identityProviderArn is "github"/],
  ])("%j is refused with what fixes it, and would let nobody in by a wildcard", (wrong, expected) => {
    expect(settingsProblems({ ...good, ...wrong })).toEqual([expect.stringMatching(expected)]);
  });
});
