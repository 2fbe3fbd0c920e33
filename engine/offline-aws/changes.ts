import { isDeepStrictEqual } from "node:util";
import type { PropertyMap } from "../../policies/plan/plan";
import { isGeneratedName, semanticsOf } from "../../policies/plan/provider";
import type { ResourceModel } from "./models/resourceState";

/** What a change of inputs means for the resource that is there. */
export interface Changes {
  readonly changed: readonly string[];
  /** The changed inputs that make a new resource. */
  readonly replaced: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Compares checked inputs. An unknown is a change: what it turns out to be is not known yet. */
export function changesBetween(
  type: string,
  logicalName: string,
  model: ResourceModel,
  before: PropertyMap,
  after: PropertyMap,
): Changes {
  const properties = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = properties.filter((property) => !isSame(before[property], after[property]));
  const replaced = changed.filter((property) => property === "region" || model.replaceOn.includes(property));
  return {
    changed,
    replaced,
    deleteBeforeReplace:
      replaced.length > 0 &&
      (model.deleteBeforeReplace === true || keepsFixedName(type, logicalName, before, after)),
  };
}

function isSame(before: unknown, after: unknown): boolean {
  return isDeepStrictEqual(before, after) && typeof after !== "symbol";
}

/** Two resources of one name cannot exist at a time: a name the program chose, and keeps, forces the order. */
function keepsFixedName(type: string, logicalName: string, before: PropertyMap, after: PropertyMap): boolean {
  const property = semanticsOf(type)?.autoName?.property;
  if (property === undefined || after[property] === undefined) return false;
  return before[property] === after[property] && !isGeneratedName(type, logicalName, after[property]);
}
