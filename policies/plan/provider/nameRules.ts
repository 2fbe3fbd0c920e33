/** What AWS accepts as a name, as far as the provider looks before it asks AWS. */
export interface NameRule {
  readonly pattern: RegExp;
  /** The same in words, to stand after "must". */
  readonly says: string;
}

// From the provider's own validators (terraform-provider-aws, `internal/service/*/validate.go`), which know no
// case folding: a group named `authDb-1a2b3c4` is refused, not lowered.

export const RDS_IDENTIFIER: NameRule = {
  pattern: /^[a-z](?!.*--)[0-9a-z-]*(?<!-)$/,
  says: "start with a letter and hold lower-case letters, digits and single hyphens, the last not a hyphen",
};

export const RDS_PARAMETER_GROUP: NameRule = {
  pattern: /^[a-z](?!.*--)[0-9a-z.-]*(?<!-)$/,
  says: "start with a letter and hold lower-case letters, digits, periods and single hyphens, the last not a hyphen",
};

export const RDS_SUBNET_GROUP: NameRule = {
  pattern: /^(?!default$)[0-9a-z_ .-]+$/,
  says: 'hold lower-case letters, digits, hyphens, underscores, periods and spaces, and not be "default"',
};

export const LB_NAME: NameRule = {
  pattern: /^(?!-)(?!internal-)[0-9A-Za-z-]{1,32}(?<!-)$/,
  says: 'be 1 to 32 letters, digits and hyphens, with no hyphen at either end and no "internal-" in front',
};

export const IAM_NAME: NameRule = {
  pattern: /^[\w+=,.@-]{1,64}$/,
  says: "be 1 to 64 letters, digits and any of _+=,.@-",
};

export const KMS_ALIAS: NameRule = {
  pattern: /^alias\/(?!aws\/)[0-9A-Za-z/_-]+$/,
  says: 'start with "alias/", but not "alias/aws/", and hold letters, digits, slashes, underscores and hyphens',
};

export const SNS_TOPIC: NameRule = {
  pattern: /^[0-9A-Za-z_-]{1,256}(\.fifo)?$/,
  says: "be 1 to 256 letters, digits, underscores and hyphens",
};

export const S3_BUCKET: NameRule = {
  pattern: /^(?!.*\.\.)[0-9a-z][0-9a-z.-]{1,61}[0-9a-z]$/,
  says: "be 3 to 63 lower-case letters, digits, hyphens and periods, with a letter or digit at both ends",
};
