import { readFileSync } from "node:fs";
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { PropertyMap, PropertyValue } from "../../policies/plan/plan";
import { type CheckProblem, isObject, type ProviderSettings } from "../../policies/plan/provider";
import type { Changes } from "./changes";
import { neverMade, OfflineError } from "./errors";
import { type Address, OfflineAws } from "./provider";
import { concealed, plain, secretProperties, structOf, type WireMap, wireOf } from "./wire";

/** The engine's own limit; gRPC's default of 4 MiB is less than a large stack's properties. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
/** How often to look whether the engine is still there. */
const PARENT_CHECK_MS = 1_000;

/** Serves the provider on a free port of this machine alone. */
export async function startServer(): Promise<{ readonly port: number; readonly stop: () => void }> {
  const server = new Server({
    "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
    "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService, providerService(new OfflineAws()));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return { port, stop: () => server.forceShutdown() };
}

/** Runs as a plugin: the port on standard output is how the engine finds it. */
export async function main(): Promise<void> {
  try {
    const { port } = await startServer();
    process.stdout.write(`${port}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`the offline AWS provider cannot listen on 127.0.0.1: ${reason}\n`);
    process.exit(1);
  }
  // An engine that is killed cannot end its plugins; one without a parent has nothing left to serve.
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS).unref();
}

/** The version of @pulumi/aws whose semantics the table holds; the engine asks for it. */
export const PROVIDER_VERSION = "7.48.0";

type Handlers = Partial<IResourceProviderServer> & UntypedServiceImplementation;

/** The provider as the engine calls it. Whatever is not here, gRPC itself answers as unimplemented. */
export function providerService(aws: OfflineAws, environment: NodeJS.ProcessEnv = process.env): Handlers {
  return {
    getPluginInfo: answer(() => new PluginInfo().setVersion(PROVIDER_VERSION)),
    getSchema: answer(() => new messages.GetSchemaResponse().setSchema(schema(environment))),
    attach: answer(() => new Empty()),
    cancel: answer(() => new Empty()),

    checkConfig: answer((request: messages.CheckRequest) => {
      const { config, problems } = checkSettings(plain(wireOf(request.getNews())), environment);
      return checked(concealed(config, wireOf(request.getNews())), problems);
    }),
    diffConfig: answer((request: messages.DiffRequest) => {
      const before = plain(wireOf(request.hasOldInputs() ? request.getOldInputs() : request.getOlds()));
      const after = plain(wireOf(request.getNews()));
      const changed = Object.keys({ ...before, ...after }).filter(
        (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
      );
      return diffed({ changed, replaced: [], deleteBeforeReplace: false });
    }),
    configure: answer((request: messages.ConfigureRequest) => {
      aws.configure(settingsOf(plain(wireOf(request.getArgs()))));
      return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),

    check: answer((request: messages.CheckRequest) => {
      const news = wireOf(request.getNews());
      const olds = plain(wireOf(request.getOlds()));
      const before = Object.keys(olds).length === 0 ? undefined : olds;
      const { inputs, problems } = aws.check(addressOf(request), before, plain(news), secretProperties(news));
      return checked(concealed(inputs, news), problems);
    }),
    diff: answer((request: messages.DiffRequest) => {
      const outputs = plain(wireOf(request.getOlds()));
      const before = request.hasOldInputs() ? plain(wireOf(request.getOldInputs())) : outputs;
      const existing = { id: request.getId(), outputs };
      return diffed(aws.diff(addressOf(request), existing, before, plain(wireOf(request.getNews()))));
    }),
    create: answer((request: messages.CreateRequest) => {
      const address = addressOf(request);
      const inputs = wireOf(request.getProperties());
      const always = aws.assertKnown(address).secretOutputs;
      if (request.getPreview()) {
        const outputs = aws.previewCreate(address, plain(inputs));
        return new messages.CreateResponse().setProperties(structOf(concealed(outputs, inputs, always)));
      }
      const { id, outputs } = aws.create(address, plain(inputs), secretProperties(inputs));
      return new messages.CreateResponse()
        .setId(id)
        .setProperties(structOf(concealed(outputs, inputs, always)));
    }),
    update: answer((request: messages.UpdateRequest) => {
      const address = addressOf(request);
      const inputs = wireOf(request.getNews());
      const olds = wireOf(request.getOlds());
      const existing = { id: request.getId(), outputs: plain(olds) };
      const outputs = request.getPreview()
        ? aws.previewUpdate(address, existing, plain(inputs))
        : aws.update(address, existing, plain(inputs));
      // An output that was secret before, and is none of the inputs, is still one.
      const secrets: WireMap = { ...olds, ...inputs };
      const always = aws.assertKnown(address).secretOutputs;
      return new messages.UpdateResponse().setProperties(structOf(concealed(outputs, secrets, always)));
    }),
    read: answer((request: messages.ReadRequest) => {
      const address = addressOf(request);
      aws.assertKnown(address);
      const properties = request.getProperties();
      if (Object.keys(wireOf(properties)).length === 0) throw neverMade(address.type, request.getId());
      // Nothing outside changes anything: what the state says is how it is.
      return new messages.ReadResponse()
        .setId(request.getId())
        .setProperties(properties)
        .setInputs(request.getInputs());
    }),
    delete: answer((request: messages.DeleteRequest) => {
      aws.assertKnown(addressOf(request));
      return new Empty();
    }),
    invoke: answer((request: messages.InvokeRequest) =>
      new messages.InvokeResponse().setReturn(
        structOf(concealed(aws.invoke(request.getTok(), plain(wireOf(request.getArgs()))))),
      ),
    ),
  };
}

/** The URN carries the type and the name; newer engines also send them apart. */
function addressOf(request: { getUrn(): string }): Address {
  const urn = request.getUrn();
  const [, , qualifiedType = "", ...name] = urn.split("::");
  return { urn, type: qualifiedType.split("$").at(-1) ?? qualifiedType, name: name.join("::") };
}

function checked(inputs: WireMap, problems: readonly CheckProblem[]): messages.CheckResponse {
  return new messages.CheckResponse()
    .setInputs(structOf(inputs))
    .setFailuresList(
      problems.map(({ property, reason }) =>
        new messages.CheckFailure().setProperty(property).setReason(reason),
      ),
    );
}

function diffed({ changed, replaced, deleteBeforeReplace }: Changes): messages.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  return new messages.DiffResponse()
    .setChanges(changed.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList([...changed])
    .setReplacesList([...replaced])
    .setDeletebeforereplace(deleteBeforeReplace);
}

function answer<Request, Response>(
  respond: (request: Request) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback: sendUnaryData<Response>) => {
    try {
      callback(null, respond(call.request));
    } catch (error) {
      const isForPeople = error instanceof OfflineError;
      const message = error instanceof Error ? error.message : String(error);
      callback({
        code: isForPeople ? error.code : status.INTERNAL,
        message: isForPeople ? message : `the offline AWS provider failed: ${message}`,
      });
    }
  };
}

/** Node.js programs bring their types along; programs in YAML read them here, from a file that the environment names. */
function schema({ POOLPROOF_OFFLINE_SCHEMA: file }: NodeJS.ProcessEnv): string {
  return file ? readFileSync(file, "utf8") : JSON.stringify({ name: "aws", version: PROVIDER_VERSION });
}

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
