/** What is known of one server parameter in one version. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: "bool" | "integer" | "real" | "string" | "enum";
  /** The server reads a static one at start-up only. */
  readonly apply: "static" | "dynamic";
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Such as `ms`, `kB`, `8kB`: what a number without a unit counts. */
  readonly unit?: string | undefined;
  /** Values of an enum. */
  readonly values?: readonly string[] | undefined;
  /** Whether RDS lets a parameter group set it. @default true */
  readonly isModifiable?: boolean | undefined;
}
