import type { PropertyMap, PropertyValue } from "../../policies/plan/plan";
import {
  answerInvoke,
  type CheckProblem,
  checkInputs,
  checkProblems,
  isGeneratedName,
  mapNested,
  nameSuffix,
  type ProviderSettings,
  previewOutputs,
  type ResourceSemantics,
  semanticsOf,
} from "../../policies/plan/provider";
import { type Changes, changesBetween } from "./changes";
import { missingRegion, unknownInvoke, unknownType } from "./errors";
import { modelOf } from "./models";
import { digitsOf, type ResourceModel, type ResourceState } from "./models/resourceState";

/** Names a resource: every operation of the engine says which one it is about. */
export interface Address {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

interface Existing {
  readonly id: string;
  readonly outputs: PropertyMap;
}

/**
 * AWS as far as a deployment of this repository can tell, without AWS. Everything it makes is derived from the
 * inputs, and all it knows of the past is what the engine hands it: Pulumi's state is the only state.
 *
 * What it remembers within one run of the engine is which resource a URN stood for before, so that a replacement
 * gets a name and an id of its own. A replacement forced from outside (`--replace`, `state taint`) is the exception:
 * the engine asks for it as for a first creation, and it comes out with the name and the id it had.
 */
export class OfflineAws {
  private settings: ProviderSettings = {};
  /** By URN: the generated or given name that Check saw in the state; empty where the type has none. */
  private readonly namesBefore = new Map<string, string>();
  /** By URN: what Diff compared with. */
  private readonly resourcesBefore = new Map<string, Existing>();

  configure(settings: ProviderSettings): void {
    if (settings.region === undefined || settings.region === "") throw missingRegion();
    this.settings = settings;
  }

  check(
    { urn, type, name }: Address,
    before: PropertyMap | undefined,
    inputs: PropertyMap,
    hidden: ReadonlySet<string>,
  ): { readonly inputs: PropertyMap; readonly problems: readonly CheckProblem[] } {
    const { semantics } = knowledgeOf(urn, type);
    const property = semantics.autoName?.property;
    const nameBefore = property === undefined ? undefined : before?.[property];
    // The engine checks a replacement as if there were nothing before it, right after it has checked the original.
    const replaces = before === undefined ? this.namesBefore.get(urn) : undefined;
    if (before !== undefined) this.namesBefore.set(urn, typeof nameBefore === "string" ? nameBefore : "");

    const checked = checkInputs(type, name, nameSuffix(urn, replaces), inputs, this.settings);
    const isOurs = property !== undefined && (inputs[property] ?? null) === null;
    const kept: PropertyMap =
      isOurs && property in checked && nameBefore !== undefined && isGeneratedName(type, name, nameBefore)
        ? { ...checked, [property]: nameBefore }
        : checked;
    return { inputs: kept, problems: checkProblems(type, kept, [...hidden]) };
  }

  diff({ urn, type, name }: Address, existing: Existing, before: PropertyMap, after: PropertyMap): Changes {
    const { model } = knowledgeOf(urn, type);
    this.resourcesBefore.set(urn, existing);
    return changesBetween(type, name, model, before, after);
  }

  /** @param hidden names of inputs that hold secrets: nothing visible may be derived from them */
  create({ urn, type }: Address, inputs: PropertyMap, hidden: ReadonlySet<string>): Existing {
    const { semantics, model } = knowledgeOf(urn, type);
    const region = this.regionOf(inputs);
    const replaces = this.resourcesBefore.get(urn);
    this.resourcesBefore.delete(urn);

    const identity = model.replaceOn.filter((property) => !hidden.has(property)).sort();
    const seed = JSON.stringify([urn, region, identity.map((property) => inputs[property] ?? null)]);
    const settled = withNames(semantics, inputs, digitsOf(seed)("name", 26));
    const idFrom = (from: string): string => model.id(settled, digitsOf(from), region);
    const first = idFrom(seed);
    // With the option `replaceOnChanges` a replacement can have the inputs of what it replaces, and yet is another.
    const id = first === replaces?.id ? idFrom(`${seed}\n${first}`) : first;
    const state: ResourceState = {
      type,
      id,
      inputs: settled,
      region,
      change: "create",
      previous: replaces?.outputs,
    };
    return { id, outputs: completed(semantics, model, state, {}) };
  }

  update({ urn, type }: Address, existing: Existing, inputs: PropertyMap): PropertyMap {
    const { semantics, model } = knowledgeOf(urn, type);
    const { id, outputs: previous } = existing;
    const kept = pick(previous, [...semantics.computedUnlessSet, ...nameProperty(semantics)]);
    const region = this.regionOf(inputs);
    const state: ResourceState = {
      type,
      id,
      inputs: { ...kept, ...inputs },
      region,
      change: "update",
      previous,
    };
    return completed(semantics, model, state, kept);
  }

  previewCreate({ urn, type }: Address, inputs: PropertyMap): PropertyMap {
    knowledgeOf(urn, type);
    return previewOutputs(type, inputs);
  }

  /** What AWS has decided stays as it is until the update has run. */
  previewUpdate({ urn, type }: Address, existing: Existing, inputs: PropertyMap): PropertyMap {
    const { semantics, model } = knowledgeOf(urn, type);
    const decided = ["id", ...semantics.computed, ...semantics.computedUnlessSet, ...nameProperty(semantics)];
    const outputs = { ...pick(existing.outputs, decided), ...semantics.plannedDefaults, ...inputs };
    return withNestedOutputs(model, outputs);
  }

  /** Fails for a type it does not know, so that nothing unknown is ever taken for read or deleted. */
  assertKnown({ urn, type }: Address): ResourceModel {
    return knowledgeOf(urn, type).model;
  }

  invoke(token: string, args: PropertyMap): PropertyMap {
    if (this.settings.region === undefined) throw missingRegion();
    const answer = answerInvoke(token, args, this.settings.region);
    if (answer === undefined) throw unknownInvoke(token);
    return answer;
  }

  private regionOf(inputs: PropertyMap): string {
    const own = inputs.region;
    if (typeof own === "string") return own;
    if (this.settings.region === undefined) throw missingRegion();
    return this.settings.region;
  }
}

function knowledgeOf(
  urn: string,
  type: string,
): { readonly semantics: ResourceSemantics; readonly model: ResourceModel } {
  const semantics = semanticsOf(type);
  const model = modelOf(type);
  if (semantics === undefined || model === undefined) throw unknownType(type, urn);
  return { semantics, model };
}

/** Outputs in full: what AWS decided, what was decided before and is not asked for again, and the inputs. */
function completed(
  semantics: ResourceSemantics,
  model: ResourceModel,
  state: ResourceState,
  kept: PropertyMap,
): PropertyMap {
  return withNestedOutputs(model, {
    ...model.outputs(state),
    ...semantics.plannedDefaults,
    ...kept,
    ...state.inputs,
    id: state.id,
  });
}

function withNestedOutputs(model: ResourceModel, outputs: PropertyMap): PropertyMap {
  const completed: Record<string, PropertyValue> = { ...outputs };
  for (const [path, decided] of Object.entries(model.nestedOutputs ?? {})) {
    mapNested(completed, path, (object) => ({ ...decided, ...object }));
  }
  return completed;
}

/** A `namePrefix` leaves the rest of the name to AWS's side; without one, the prefix reads back as empty. */
function withNames(semantics: ResourceSemantics, inputs: PropertyMap, digits: string): PropertyMap {
  const auto = semantics.autoName;
  const prefixProperty = auto?.unless;
  if (auto === undefined || prefixProperty === undefined) return inputs;
  const prefix = inputs[prefixProperty];
  if (typeof prefix !== "string") return { [prefixProperty]: "", ...inputs };
  return { [auto.property]: `${prefix}${digits}`.slice(0, auto.maxLength), ...inputs };
}

function nameProperty(semantics: ResourceSemantics): readonly string[] {
  return semantics.autoName === undefined ? [] : [semantics.autoName.property];
}

function pick(map: PropertyMap, properties: readonly string[]): PropertyMap {
  const picked: Record<string, PropertyValue> = {};
  for (const property of properties) {
    const value = map[property];
    if (value !== undefined) picked[property] = value;
  }
  return picked;
}
