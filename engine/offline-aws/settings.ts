import type { PropertyMap, PropertyValue } from "../../policies/plan/plan";
import { type CheckProblem, isObject, type ProviderSettings } from "../../policies/plan/provider";

/**
 * The provider's configuration with its defaults, and what is wrong with it. Credentials and endpoints are
 * accepted and not looked at: nothing here signs in to anything.
 */
export function checkSettings(
  config: PropertyMap,
  environment: NodeJS.ProcessEnv,
): { readonly config: PropertyMap; readonly problems: readonly CheckProblem[] } {
  const region = config.region ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  const problems: CheckProblem[] = [];
  if (region === undefined || region === "") {
    problems.push({
      property: "region",
      reason: "the AWS region is not set. Set it with `pulumi config set aws:region eu-west-1`",
    });
  }
  if (config.ignoreTags !== undefined) {
    problems.push({
      property: "ignoreTags",
      reason: "the offline AWS provider cannot ignore tags. Unset `aws:ignoreTags`, or use the real provider",
    });
  }
  return { config: region === undefined ? config : { ...config, region }, problems };
}

/** The settings that Check copies into resources. */
export function settingsOf(config: PropertyMap): ProviderSettings {
  const region = config.region;
  const defaultTags = isObject(parsed(config.defaultTags)) ? tagsOf(parsed(config.defaultTags)) : undefined;
  return {
    ...(typeof region === "string" ? { region } : {}),
    ...(defaultTags === undefined ? {} : { defaultTags }),
  };
}

function tagsOf(value: PropertyValue | undefined): PropertyMap | undefined {
  const tags = isObject(value) ? value.tags : undefined;
  return isObject(tags) ? tags : undefined;
}

/** Nested configuration reaches a provider as JSON text. */
function parsed(value: PropertyValue | undefined): PropertyValue | undefined {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
