import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { modelledTypes } from "../../engine/offline-aws/models";
import { startServer } from "../../engine/offline-aws/server";
import { semanticsOf } from "../../policies/plan/provider";

export type Values = { [property: string]: JavaScriptValue };

export const UNKNOWN_MARKER = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const secret = (value: JavaScriptValue): Values => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

/** The URN of a resource of the given type; its logical name comes last. */
export const urnOf = (type: string, name = "auth"): string => `urn:pulumi:dev::auth::${type}::${name}`;

const struct = (values: Values): Struct => Struct.fromJavaScript(values);
const values = (message: Struct | undefined): Values => message?.toJavaScript() ?? {};

type Callback<Response> = (error: ServiceError | null, response: Response) => void;

function promised<Response>(call: (callback: Callback<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => (error === null ? resolve(response) : reject(error)));
  });
}

/** The engine's side of the wire, as short as a test wants it. */
export class Engine {
  private constructor(
    readonly client: ResourceProviderClient,
    private readonly stop: () => void,
  ) {}

  /** Starts a provider of its own and configures it; pass no region to leave it unconfigured. */
  static async start(region?: string): Promise<Engine> {
    const { port, stop } = await startServer();
    const engine = new Engine(
      new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure()),
      stop,
    );
    if (region !== undefined) await engine.configure({ region });
    return engine;
  }

  close(): void {
    this.client.close();
    this.stop();
  }

  configure(args: Values): Promise<messages.ConfigureResponse> {
    const request = new messages.ConfigureRequest().setArgs(struct(args)).setAcceptsecrets(true);
    return promised((callback) => this.client.configure(request, callback));
  }

  async checkConfig(news: Values) {
    const request = new messages.CheckRequest().setUrn(urnOf("pulumi:providers:aws")).setNews(struct(news));
    return checked(await promised((callback) => this.client.checkConfig(request, callback)));
  }

  async check(urn: string, news: Values, olds?: Values) {
    const request = new messages.CheckRequest().setUrn(urn).setNews(struct(news));
    if (olds !== undefined) request.setOlds(struct(olds));
    return checked(await promised((callback) => this.client.check(request, callback)));
  }

  async diff(urn: string, id: string, outputs: Values, oldInputs: Values, news: Values) {
    const request = new messages.DiffRequest()
      .setUrn(urn)
      .setId(id)
      .setOlds(struct(outputs))
      .setOldInputs(struct(oldInputs))
      .setNews(struct(news));
    const response = await promised<messages.DiffResponse>((callback) => this.client.diff(request, callback));
    return {
      isChanged: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      diffs: response.getDiffsList(),
      replaces: response.getReplacesList(),
      deleteBeforeReplace: response.getDeletebeforereplace(),
    };
  }

  async create(urn: string, properties: Values, preview = false) {
    const request = new messages.CreateRequest()
      .setUrn(urn)
      .setProperties(struct(properties))
      .setPreview(preview);
    const response = await promised<messages.CreateResponse>((callback) =>
      this.client.create(request, callback),
    );
    return { id: response.getId(), outputs: values(response.getProperties()) };
  }

  async update(urn: string, id: string, olds: Values, oldInputs: Values, news: Values, preview = false) {
    const request = new messages.UpdateRequest()
      .setUrn(urn)
      .setId(id)
      .setOlds(struct(olds))
      .setOldInputs(struct(oldInputs))
      .setNews(struct(news))
      .setPreview(preview);
    const response = await promised<messages.UpdateResponse>((callback) =>
      this.client.update(request, callback),
    );
    return values(response.getProperties());
  }

  async read(urn: string, id: string, properties: Values, inputs: Values) {
    const request = new messages.ReadRequest()
      .setUrn(urn)
      .setId(id)
      .setProperties(struct(properties))
      .setInputs(struct(inputs));
    const response = await promised<messages.ReadResponse>((callback) => this.client.read(request, callback));
    return {
      id: response.getId(),
      outputs: values(response.getProperties()),
      inputs: values(response.getInputs()),
    };
  }

  delete(urn: string, id: string, properties: Values): Promise<Empty> {
    const request = new messages.DeleteRequest().setUrn(urn).setId(id).setProperties(struct(properties));
    return promised((callback) => this.client.delete(request, callback));
  }

  async invoke(token: string, args: Values): Promise<Values> {
    const request = new messages.InvokeRequest().setTok(token).setArgs(struct(args));
    const response = await promised<messages.InvokeResponse>((callback) =>
      this.client.invoke(request, callback),
    );
    return values(response.getReturn());
  }

  /** Check and Create, one after the other, as the engine does for a new resource. */
  async make(urn: string, news: Values) {
    const { inputs } = await this.check(urn, news);
    return { inputs, ...(await this.create(urn, inputs)) };
  }
}

function checked(response: messages.CheckResponse) {
  return {
    inputs: values(response.getInputs()),
    failures: response.getFailuresList().map((failure) => ({
      property: failure.getProperty(),
      reason: failure.getReason(),
    })),
  };
}

/** Required inputs that are not text, or must be text of a certain form. */
const SHAPED: Values = {
  actions: [{ targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/1", type: "forward" }],
  conditions: [{ pathPattern: { values: ["/login"] } }],
  containerDefinitions: "[]",
  defaultActions: [{ type: "fixed-response" }],
  maxCapacity: 4,
  metricTransformation: { name: "waiting", namespace: "auth", value: "1" },
  minCapacity: 2,
  rule: { objectOwnership: "BucketOwnerEnforced" },
  rules: [{}],
  subnetIds: ["subnet-1", "subnet-2"],
  versioningConfiguration: { status: "Enabled" },
  vpcSubnetIds: ["subnet-1", "subnet-2"],
};

/** Inputs that are just enough for Check: the required ones, in a form AWS would take for one. */
export function minimalInputs(type: string): Values {
  const required = semanticsOf(type)?.required ?? [];
  return Object.fromEntries(required.map((property) => [property, SHAPED[property] ?? `given-${property}`]));
}

export const ALL_TYPES: readonly string[] = modelledTypes();
