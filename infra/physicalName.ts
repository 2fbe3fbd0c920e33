/**
 * A name that every AWS service takes: lower-case letters, digits and single hyphens, and short enough for an RDS
 * identifier with room for a suffix.
 */
export function physicalName(project: string, stack: string): string {
  return `${project}-${stack}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 50)
    .replace(/^-|-$/g, "");
}
