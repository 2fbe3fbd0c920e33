import type * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import type * as monitorProto from "@pulumi/pulumi/proto/resource_grpc_pb";
import type * as resourceProto from "@pulumi/pulumi/proto/resource_pb";
import type * as emptyProto from "google-protobuf/google/protobuf/empty_pb";
import type * as structProto from "google-protobuf/google/protobuf/struct_pb";
import { messageOf } from "../kit/errors";
import { EVERY_PROPERTY, type Plan, type PlanResource, type PropertyMap, UNKNOWN } from "../plan/plan";
import { answerInvoke, checkInputs, checkProblems, nameSuffix, previewOutputs } from "../plan/provider";
import {
  fromWire,
  holdsSecret,
  outputsToWire,
  propertiesFromWire,
  STRING_MARKER,
  toWire,
} from "../plan/wire";
import { partlyKnown } from "../state/planFile";
import { type Answers, type LookUp, lookUpOf, shownLookUp } from "./answers";
import { madeBy } from "./remoteComponents";

/** Pulumi's own message classes, taken from the program's SDK so that both speak the same version. */
export interface ProtocolModules {
  readonly monitor: Pick<typeof monitorProto, "ResourceMonitorService">;
  readonly resource: typeof resourceProto;
  readonly provider: typeof providerProto;
  readonly struct: typeof structProto;
  readonly empty: typeof emptyProto;
}

interface MonitorOptions {
  readonly project: string;
  readonly stack: string;
  readonly region: string | undefined;
  /** @default none */
  readonly answers?: Answers;
}

/** Line (from 1) of a source file. */
export interface SourcePosition {
  readonly uri: string;
  readonly line: number;
}

/** Where a resource was made, by its URN: the line of its constructor first, then that of each caller. */
export type SourcePositions = ReadonlyMap<string, readonly SourcePosition[]>;

type Callback<T> = (error: unknown, response?: T) => void;

/** The gRPC status of a method that the other side does not have. */
const UNIMPLEMENTED = 12;
const STACK_TYPE = "pulumi:pulumi:Stack";
/** The field that marks the answer to a look-up that was not made. What has such a key is unknown as a whole (see `fromWire`). */
export const UNANSWERED = `__unanswered-${STRING_MARKER}`;
/** The field that marks a recorded answer: what it lacks is unknown. */
export const ANSWERED = "__poolproofAnswered";
/** Only the backend has them. */
const OUTPUTS_OF_ANOTHER_STACK = { outputs: toWire(UNKNOWN), secretOutputNames: toWire(UNKNOWN) };
/** Features a program may ask for that change what it sends and that this monitor understands. */
const FEATURES = new Set([
  "secrets",
  "resourceReferences",
  "deletedWith",
  "replaceWith",
  "aliasSpecs",
  "parameterization",
]);

/**
 * A resource monitor that answers a program the way the engine does at a first preview, and records the plan. It
 * stands in for the engine, so that a laptop or a fork without credentials reaches the same verdict.
 */
export class RecordingMonitor {
  private readonly recorded = new Map<string, PlanResource>();
  private readonly beyond: string[] = [];
  private readonly asked = new Map<string, LookUp>();
  private readonly notAsked = new Set<string>();
  private readonly notRun: string[] = [];
  /** By the URN of a component: what it made. */
  private readonly children = new Map<string, readonly string[]>();
  private readonly madeAt = new Map<string, readonly SourcePosition[]>();

  constructor(
    private readonly protocol: ProtocolModules,
    private readonly options: MonitorOptions,
  ) {
    for (const method of Object.keys(protocol.monitor.ResourceMonitorService)) {
      if (!(method in this)) Object.assign(this, { [method]: this.unimplemented(method) });
    }
  }

  get plan(): Plan {
    return { resources: [...this.recorded.values()] };
  }

  /** What the program asked for that only the engine can do, in whole sentences. */
  get beyondCheck(): readonly string[] {
    return this.beyond;
  }

  /** Tokens of look-ups that were answered as unknown. */
  get unanswered(): ReadonlySet<string> {
    return this.notAsked;
  }

  /** Every look-up that only the cloud can answer, once. */
  get lookUps(): readonly LookUp[] {
    return [...this.asked.values()];
  }

  /** Components whose code is elsewhere, as "NAME (TYPE)": their outputs are unknown, and what they make is not in the plan. */
  get unexpanded(): readonly string[] {
    return this.notRun;
  }

  get positions(): SourcePositions {
    return this.madeAt;
  }

  registerResource(
    request: resourceProto.RegisterResourceRequest,
    callback: Callback<resourceProto.RegisterResourceResponse>,
  ): void {
    this.answer(callback, () => {
      const given = wireOf(request.getObject());
      const type = request.getType();
      const urn = this.newUrn(request);
      const isPlanned = request.getCustom() && !type.startsWith("pulumi:");
      const inputs = propertiesFromWire(given);
      const secret = Object.keys(given).filter((property) => holdsSecret(given[property]));
      secret.push(...request.getAdditionalsecretoutputsList());
      const outputs = isPlanned ? this.planned(type, request.getName(), urn, inputs, secret) : inputs;
      const dependencies = this.withChildren(propertyDependencies(request));
      const inPart = partlyKnown(given);
      this.record(urn, request, withContainers(type, outputs, inPart), dependencies, secret, inPart);
      if (request.getRemote()) this.expand(urn, request, inputs, dependencies);

      const response = new this.protocol.resource.RegisterResourceResponse();
      response.setUrn(urn);
      response.setObject(
        this.struct(outputsToWire(outputs, given, request.getAdditionalsecretoutputsList())),
      );
      return response;
    });
  }

  /**
   * A resource that exists elsewhere (`Instance.get`): the engine asks AWS for it and hands it to the policies like any
   * other. Here nobody can ask, so in the plan all of it is unknown, even what the program claims about it.
   */
  readResource(
    request: resourceProto.ReadResourceRequest,
    callback: Callback<resourceProto.ReadResourceResponse>,
  ): void {
    this.answer(callback, () => {
      const urn = this.newUrn(request);
      if (!request.getType().startsWith("pulumi:")) this.record(urn, request, {}, EVERY_PROPERTY);
      const known = request.getType() === STACK_REFERENCE ? OUTPUTS_OF_ANOTHER_STACK : {};
      const response = new this.protocol.resource.ReadResourceResponse();
      response.setUrn(urn);
      response.setProperties(this.struct({ ...wireOf(request.getProperties()), ...known }));
      return response;
    });
  }

  registerResourceOutputs(
    _request: resourceProto.RegisterResourceOutputsRequest,
    callback: Callback<emptyProto.Empty>,
  ): void {
    callback(null, new this.protocol.empty.Empty());
  }

  invoke(
    request: resourceProto.ResourceInvokeRequest,
    callback: Callback<providerProto.InvokeResponse>,
  ): void {
    this.answer(callback, () => {
      const token = request.getTok();
      const given = wireOf(request.getArgs());
      const args = propertiesFromWire(given);
      const result = token === "pulumi:pulumi:getResource" ? this.lookUp(args) : this.ask(token, args, given);
      const response = new this.protocol.provider.InvokeResponse();
      response.setReturn(this.struct(result));
      return response;
    });
  }

  call(request: resourceProto.ResourceCallRequest, callback: Callback<providerProto.CallResponse>): void {
    this.answer(callback, () => {
      const response = new this.protocol.provider.CallResponse();
      response.setReturn(this.struct(this.unknownAnswer(request.getTok())));
      return response;
    });
  }

  supportsFeature(
    request: resourceProto.SupportsFeatureRequest,
    callback: Callback<resourceProto.SupportsFeatureResponse>,
  ): void {
    const response = new this.protocol.resource.SupportsFeatureResponse();
    response.setHassupport(FEATURES.has(request.getId()));
    callback(null, response);
  }

  registerPackage(
    request: resourceProto.RegisterPackageRequest,
    callback: Callback<resourceProto.RegisterPackageResponse>,
  ): void {
    const response = new this.protocol.resource.RegisterPackageResponse();
    response.setRef(`${request.getName()}@${request.getVersion()}`);
    callback(null, response);
  }

  signalAndWaitForShutdown(_request: emptyProto.Empty, callback: Callback<emptyProto.Empty>): void {
    callback(null, new this.protocol.empty.Empty());
  }

  close(): void {}

  /**
   * A method of the SDK's protocol that this monitor does not have, be it newer than this pack: it answers as an engine
   * without it does, on which the SDK falls back to what engines had before.
   */
  private unimplemented(method: string): (...args: readonly unknown[]) => void {
    return (...args) => {
      const { message } = this.needsEngine(
        `the program needs ${method} of the engine, which \`check\` does not have; use \`pulumi preview --policy-pack\``,
      );
      // Call metadata and options may stand between the request and the callback.
      const callback = args.find((arg) => typeof arg === "function") as Callback<never> | undefined;
      callback?.(Object.assign(refused(message), { code: UNIMPLEMENTED }));
    };
  }

  /** The engine's URN: the chain of parent types, the root stack left out. */
  private urnOf(parent: string, type: string, name: string): string {
    const parentType = parent.split("::")[2];
    const chain = !parentType || parentType === STACK_TYPE ? type : `${parentType}$${type}`;
    return `urn:pulumi:${this.options.stack}::${this.options.project}::${chain}::${name}`;
  }

  private newUrn(request: Addressed): string {
    const urn = this.urnOf(request.getParent(), request.getType(), request.getName());
    if (this.recorded.has(urn)) throw new Error(`two resources have the URN ${urn}: give one another name`);
    return urn;
  }

  /** What the provider's Check and the engine's preview make of the inputs. */
  private planned(
    type: string,
    name: string,
    urn: string,
    inputs: PropertyMap,
    secret: readonly string[],
  ): PropertyMap {
    const { region } = this.options;
    const checked = checkInputs(type, name, nameSuffix(urn), inputs, region === undefined ? {} : { region });
    const problems = checkProblems(type, checked, secret);
    if (problems.length > 0) throw new Error(problems.map(({ reason }) => reason).join("; "));
    return previewOutputs(type, checked);
  }

  private record(
    urn: string,
    request: Addressed,
    properties: PropertyMap,
    propertyDependencies: PlanResource["propertyDependencies"],
    secretProperties: readonly string[] = [],
    inPart: PropertyMap = {},
  ): void {
    this.madeAt.set(urn, framesOf(request));
    this.recorded.set(urn, {
      urn,
      type: request.getType(),
      name: request.getName(),
      properties,
      propertyDependencies,
      whyUnknown: fromAnotherStack(propertyDependencies),
      secretProperties,
      partlyKnown: inPart,
      dependencies: request.getDependenciesList(),
      parent: request.getParent() || undefined,
      isCustom: !("getCustom" in request) || request.getCustom(),
    });
  }

  /** Records what a component makes that is known from its inputs; a component of another kind stands for itself. */
  private expand(
    urn: string,
    request: Addressed,
    inputs: PropertyMap,
    dependencies: PlanResource["propertyDependencies"],
  ): void {
    const [type, name] = [request.getType(), request.getName()];
    const made = madeBy(type, name, inputs);
    if (made.length === 0) this.notRun.push(`${name} (${type})`);
    const urns: string[] = [];
    for (const each of made) {
      const child = this.urnOf(urn, each.type, each.name);
      const propertyDependencies = Object.fromEntries(
        Object.entries(each.madeFrom).flatMap(([property, source]) => {
          const sources = property === each.follows ? urns : (dependencies?.[source] ?? []);
          return sources.length > 0 ? [[property, sources] as const] : [];
        }),
      );
      this.recorded.set(child, {
        urn: child,
        type: each.type,
        name: each.name,
        properties: this.planned(each.type, each.name, child, each.properties, []),
        propertyDependencies,
        dependencies: request.getDependenciesList(),
        parent: urn,
        isCustom: true,
      });
      urns.push(child);
    }
    if (urns.length > 0) this.children.set(urn, urns);
  }

  /** What is made from a component's output is made from what the component made. */
  private withChildren(made: PlanResource["propertyDependencies"]): PlanResource["propertyDependencies"] {
    if (this.children.size === 0) return made;
    return Object.fromEntries(
      Object.entries(made).map(([property, urns]) => [
        property,
        urns.flatMap((urn) => [urn, ...(this.children.get(urn) ?? [])]),
      ]),
    );
  }

  private lookUp(args: PropertyMap): { readonly [field: string]: unknown } {
    const found = typeof args.urn === "string" ? this.recorded.get(args.urn) : undefined;
    if (!found) throw new Error(`the program looks up ${String(args.urn)}, which it never registered`);
    return { urn: found.urn, id: "", state: toWire(found.properties) };
  }

  private ask(
    token: string,
    args: PropertyMap,
    given: { readonly [name: string]: unknown },
  ): { readonly [field: string]: unknown } {
    const lookUp = lookUpOf(token, given);
    const recorded = this.options.answers?.to(lookUp);
    const known = recorded ?? answerInvoke(token, args, this.options.region ?? "us-east-1");
    if (recorded !== undefined || known === undefined) this.asked.set(shownLookUp(lookUp), lookUp);
    if (recorded !== undefined) return { ...recorded, [ANSWERED]: true };
    if (known !== undefined) return toWire(known as PropertyMap) as { readonly [field: string]: unknown };
    return this.unknownAnswer(token);
  }

  private unknownAnswer(token: string): { readonly [field: string]: unknown } {
    this.notAsked.add(token);
    return { [UNANSWERED]: toWire(UNKNOWN) };
  }

  private needsEngine(what: string): Error {
    this.beyond.push(what);
    return new Error(what);
  }

  private struct(value: { readonly [field: string]: unknown }): structProto.Struct {
    return this.protocol.struct.Struct.fromJavaScript(
      value as { [key: string]: structProto.JavaScriptValue },
    );
  }

  private answer<T>(callback: Callback<T>, respond: () => T): void {
    let response: T;
    try {
      response = respond();
    } catch (error) {
      callback(refused(messageOf(error)));
      return;
    }
    callback(null, response);
  }
}

type Addressed = resourceProto.RegisterResourceRequest | resourceProto.ReadResourceRequest;

/** The SDK reads `details` for invokes and `message` for resources. */
function refused(message: string): Error {
  return Object.assign(new Error(message), { details: message });
}

function wireOf(struct: structProto.Struct | undefined): { readonly [property: string]: unknown } {
  return struct?.toJavaScript() ?? {};
}

/**
 * Container definitions whose text was made with unknown values (see `UnknownValues`): the values that hang on them are
 * unknown, and the others are not.
 */
function withContainers(type: string, properties: PropertyMap, inPart: PropertyMap): PropertyMap {
  const { containerDefinitions: known } = inPart;
  if (type !== "aws:ecs/taskDefinition:TaskDefinition" || known === undefined) return properties;
  if (properties.containerDefinitions !== UNKNOWN) return properties;
  return { ...properties, containerDefinitions: fromWire(toWire(known)) ?? UNKNOWN };
}

/** SDKs before 3.190 send the constructor's line alone. */
function framesOf(request: Addressed): readonly SourcePosition[] {
  const frames = request.getStacktrace?.()?.getFramesList() ?? [];
  const positions = frames.length > 0 ? frames.map((frame) => frame.getPc()) : [request.getSourceposition()];
  return positions.flatMap((position) =>
    position ? [{ uri: position.getUri(), line: position.getLine() }] : [],
  );
}

const STACK_REFERENCE = "pulumi:pulumi:StackReference";

/** For each property, the URNs its value was made from; see `PlanResource`. */
function propertyDependencies(
  request: resourceProto.RegisterResourceRequest,
): PlanResource["propertyDependencies"] {
  const dependencies: { [property: string]: readonly string[] } = Object.create(null);
  request.getPropertydependenciesMap().forEach((made, property) => {
    if (made.getUrnsList().length > 0) dependencies[property] = made.getUrnsList();
  });
  return dependencies;
}

/** The properties that are made from a stack reference's outputs, with what hides them here. */
function fromAnotherStack(made: PlanResource["propertyDependencies"]): {
  readonly [property: string]: string;
} {
  const reasons: { [property: string]: string } = Object.create(null);
  for (const [property, urns] of Object.entries(made)) {
    const reference = urns.find((urn) => urn.split("::")[2] === STACK_REFERENCE);
    if (reference === undefined) continue;
    const name = reference.split("::").slice(3).join("::");
    reasons[property] =
      `\`${property}\` comes from another stack (the stack reference ${name}), whose outputs only \`pulumi preview --policy-pack\` can read`;
  }
  return reasons;
}
