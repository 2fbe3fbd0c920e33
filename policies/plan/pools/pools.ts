import { list } from "../../kit/text";
import type { Container } from "../clients/containers";
import { libraryOfServer, readServer } from "../clients/servers";
import { cannotSpeak, nameIt, type Spoken, speaks } from "../databases/protocol";
import { andThen, type Known, known, type Reading, toNumber, type Unknown, unknown, unset } from "../reading";
import { GIVEN, type PoolOverride, SETS_NONE, wildcard } from "../settings";
import { NAMED_LIBRARIES, POOL_PROFILES, type PoolProfile } from "./libraries";
import { nodePostgres } from "./libraries/node";
import {
  type Mark,
  type Opens,
  POOL_MARKS,
  type PoolSettings,
  type SettingReading,
  URL_VARIABLE,
  unnamedLibrary,
  type Variable,
} from "./library";
import { certainlyHolds, type Environment, holds, isSet, readSettings } from "./settings";

/** One pool of a container or function. */
export interface PoolReading {
  /** Set where the policy configuration tells several pools apart. */
  readonly pool: string | undefined;
  readonly library: Reading<string>;
  readonly settings: PoolSettings;
  readonly opens: Opens;
  readonly runtime: PoolProfile["runtime"];
  /** What `concurrencyPerProcess` counts. */
  readonly counts: "threads" | "requests";
  /** Why each session of it pins at an RDS Proxy, where its library always does. */
  readonly pins: string | undefined;
  /** Connections that stay open without work, where its library closes what is above; the variable that says so. */
  readonly keptIdle: { readonly variable: string; readonly reading: Reading<number> } | undefined;
  /** Database that the policy configuration names for it. */
  readonly database: string | undefined;
  /** Endpoint of the database that the policy configuration names for it. */
  readonly endpoint: string | undefined;
  /** Environment names that its settings are read from, set or not. */
  readonly reads: ReadonlySet<string>;
}

/** A client as its pools are read from it. */
interface PoolOwner {
  /** The tag `poolproof:pool-library`. */
  readonly library: Reading<string>;
  /** What the policy configuration says of this client's pools. */
  readonly overrides: readonly PoolOverride[];
  /** Property that holds the environment, for what it hides. */
  readonly property: string;
  /** Settings that hold without any variable, such as a function's timeout. */
  readonly given?: (settings: PoolSettings) => Partial<PoolSettings>;
  /** The database of a pool, by what the policy configuration names for it. */
  readonly databaseOf: (database: string | undefined) => Spoken | undefined;
}

/** Finds what the policy configuration says of the pools of a client that goes by any of these names. */
export function poolOverrides(
  pools: readonly PoolOverride[],
): (names: readonly string[]) => readonly PoolOverride[] {
  const patterns = pools.map((override) => ({ override, pattern: wildcard(override.client) }));
  return (names) =>
    patterns.flatMap(({ override, pattern }) => (names.some((name) => pattern.test(name)) ? [override] : []));
}

/** Whether the environment sets what only a pool has, by the names of any library. */
export function setsAPool(environment: Environment): boolean {
  return [...POOL_PROFILES.values()].some(
    ({ marks, settings, connectionString }) =>
      marks.some((mark) => holds(variableOf(mark), environment)) ||
      POOL_MARKS.some((mark) => isSet(settings[mark], environment)) ||
      (connectionString !== undefined && connectionStringOf(connectionString, environment) !== undefined),
  );
}

/** The first variable that holds a connection string under a name of these. */
const connectionStringOf = (names: RegExp, { variables = [] }: Environment): string | undefined =>
  variables.find((name) => names.test(name));

/** The variable that holds the database's URL, where it does not have the usual name. */
function urlOf({ sets, environment, variables = [] }: Environment): string | undefined {
  if (sets(URL_VARIABLE)) return undefined;
  return variables.find((name) => {
    const value = environment(name);
    return (
      value.state === "known" &&
      /^(?:postgres(?:ql)?|mysql2?|mariadb|ecto)(?:\+\w+)?:\/\/|^host=/i.test(value.value)
    );
  });
}

/** A profile whose settings stand in a connection string or URL, read from the one that this environment holds. */
function inConnectionString(profile: PoolProfile, environment: Environment): PoolProfile {
  const { connectionString } = profile;
  const name =
    connectionString === undefined ? urlOf(environment) : connectionStringOf(connectionString, environment);
  if (name === undefined) return profile;
  const place = (variable: Variable): Variable =>
    variable.parameter === undefined || (connectionString === undefined && variable.name !== URL_VARIABLE)
      ? variable
      : { ...variable, name };
  const settings = Object.entries(profile.settings).map(([setting, source]) => [
    setting,
    {
      ...source,
      variables: source.variables.map(place),
      ...(source.turnedOff === undefined ? {} : { turnedOff: source.turnedOff.map(place) }),
    },
  ]);
  return { ...profile, settings: Object.fromEntries(settings) as PoolProfile["settings"] };
}

/**
 * The pools of one container: its own, and one more for each name that the policy configuration gives. A container
 * whose configuration names pools and whose environment sets none holds those alone.
 */
export function readPools(container: Reading<Container>, owner: PoolOwner): readonly PoolReading[] {
  const overrides = owner.overrides.filter(
    (override) =>
      override.container === undefined ||
      container.state !== "known" ||
      override.container === container.value.name,
  );
  const named = overrides.filter(({ pool, database }) => pool !== undefined && database !== "none");
  const own = overrides.find(({ pool }) => pool === undefined);
  const environment = environmentOf(container, owner.property);
  const isAlone = named.length === 0 || own !== undefined || setsAPool(environment);
  return [
    ...(isAlone ? [readPool(container, environment, owner, own)] : []),
    ...named.map((override) => readPool(container, environment, owner, override)),
  ];
}

function readPool(
  container: Reading<Container>,
  shown: Environment,
  owner: PoolOwner,
  override: PoolOverride | undefined,
): PoolReading {
  const database = owner.databaseOf(override?.database);
  const { profile, likely } = findProfile(container, shown, { owner, override, database });
  // Without a library there are no defaults that could apply.
  const setsNone = override?.environment === SETS_NONE && profile.state === "known";
  const environment = setsNone ? withoutHidden(shown, owner.property) : shown;
  const isNamed = override?.pool !== undefined;
  const names = inConnectionString(namesFor(profile, container, likely), environment);
  const given = (setting: string) => ({
    variables: ownOf(override?.variables, setting),
    value: ownOf(override?.values, setting),
  });
  const server =
    container.state === "known" && owner.given === undefined ? readServer(container.value, names) : undefined;
  const isGiven = (setting: string): boolean =>
    Object.values(given(setting)).some((each) => each !== undefined);
  const own = readSettings(isNamed ? withoutNames(names) : names, environment, given);
  // A command that the plan hides may start any number of processes.
  const hidden = container.state === "known" ? undefined : hiddenBy(container, owner.property);
  const counted = (setting: "processesPerTask" | "concurrencyPerProcess"): Partial<PoolSettings> => {
    if (isGiven(setting)) return {};
    if (server !== undefined) return { [setting]: server[setting] };
    const isNameless = names.settings[setting].variables.length === 0;
    return hidden === undefined || owner.given || isNameless
      ? {}
      : { [setting]: { ...own[setting], reading: hidden } };
  };
  const served: PoolSettings = {
    ...own,
    ...counted("processesPerTask"),
    ...counted("concurrencyPerProcess"),
  };
  const idle =
    names.keepsIdle === undefined || isGiven("idleTimeoutMs")
      ? served
      : { ...served, idleTimeoutMs: idleInForce(names.keepsIdle, served, environment) };
  const settings: PoolSettings =
    names.cap !== undefined
      ? { ...idle, poolMax: capped(names.cap, names.marks, idle.poolMax, environment) }
      : names.opens === "no pool" && !isGiven("poolMax")
        ? { ...idle, poolMax: oneEach(idle) }
        : idle;
  return {
    pool: override?.pool,
    opens: isGiven("concurrencyPerProcess") && names.opens === undefined ? "thread" : (names.opens ?? "pool"),
    counts: isGiven("concurrencyPerProcess") ? "requests" : (server?.counts ?? "requests"),
    runtime: profile.state === "known" ? names.runtime : undefined,
    pins: names.pins,
    keptIdle: names.keptIdle && keptIdle(names.keptIdle, environment),
    library: andThen(profile, ({ library }) =>
      profile.state === "known" && profile.assumed !== undefined
        ? known(library, profile.assumed)
        : known(library),
    ),
    settings: toGive({ ...settings, ...owner.given?.(settings) }, container),
    database: override?.database,
    endpoint: override?.endpoint,
    reads: new Set([
      ...names.marks.map((mark) => variableOf(mark).name),
      ...(names.signs ?? []),
      ...(names.ofTools ?? []),
      ...(names.cap ?? "").split(" "),
      ...(names.keptIdle?.variables ?? []).map(({ name }) => name),
      ...(server?.reads ?? []),
      ...Object.values(names.settings).flatMap(({ variables, plus, otherwise = [] }) =>
        [...variables, ...(plus?.variables ?? []), ...otherwise].map(({ name }) => name),
      ),
      ...Object.values(override?.variables ?? {}).flatMap((renamed) => renamed ?? []),
    ]),
  };
}

/** `SetMaxIdleConns`: 0 and less keep none (pkg.go.dev/database/sql). */
function keptIdle(
  { variables, otherwise }: NonNullable<PoolProfile["keptIdle"]>,
  environment: Environment,
): NonNullable<PoolReading["keptIdle"]> {
  const set = variables.find(({ name }) => environment.sets(name));
  if (set === undefined)
    return { variable: variables[0]?.name ?? "", reading: known(otherwise, "database/sql's default") };
  const number = andThen(environment.environment(set.name), (text) => toNumber(text, set.name));
  return { variable: set.name, reading: andThen(number, (n) => known(Math.max(0, Math.floor(n)))) };
}

/**
 * HikariCP closes idle connections only while it holds more than its minimum, which is its maximum unless it is set lower;
 * its keep-alive, where it is set, uses each of them often enough for neither end to call it idle.
 */
function idleInForce(
  { variables, keepAlive }: NonNullable<PoolProfile["keepsIdle"]>,
  { idleTimeoutMs, poolMax }: PoolSettings,
  environment: Environment,
): SettingReading {
  const first = (names: readonly Variable[]): Reading<number> => {
    const set = names.find(({ name }) => environment.sets(name));
    if (set === undefined) return unset("minimumIdle");
    return andThen(environment.environment(set.name), (text) => toNumber(text, set.name));
  };
  const used = first(keepAlive);
  if (used.state === "known" && used.value > 0) return { ...idleTimeoutMs, reading: used };
  const least = first(variables);
  if (least.state === "unknown") return { ...idleTimeoutMs, reading: least };
  const most = poolMax.reading;
  if (least.state === "known" && most.state === "known" && least.value < most.value) return idleTimeoutMs;
  if (idleTimeoutMs.reading.state === "malformed" || idleTimeoutMs.reading.state === "unknown")
    return idleTimeoutMs;
  return {
    ...idleTimeoutMs,
    reading: known(0, "HikariCP closes none unless `minimumIdle` is below `maximumPoolSize`"),
    how: "HikariCP closes idle connections only with `minimumIdle` below `maximumPoolSize`; or lower its `maxLifetime`",
  };
}

/** A pooler's size under its cap; unknown where none of its variables is set, since a file of the image then sets it. */
function capped(
  cap: string,
  marks: readonly Mark[],
  size: SettingReading,
  environment: Environment,
): SettingReading {
  const isSet = [...marks.map((mark) => variableOf(mark).name), ...cap.split(" ")].some((name) =>
    environment.sets(name),
  );
  const isDefault = size.reading.state === "known" && size.reading.assumed !== undefined;
  if (!isSet && isDefault) {
    const why = "the pooler's size stands in a file that no plan shows";
    return {
      ...size,
      reading: { ...unknown(size.variable, why), fix: `Set \`${size.variable.split(" ")[0]}\`` },
    };
  }
  const name = cap.split(" ").find((each) => environment.sets(each));
  if (name === undefined) return size;
  const most = andThen(environment.environment(name), (text) => toNumber(text, name));
  if (most.state === "known" && most.value === 0) return size;
  if (most.state !== "known") return { ...size, reading: most };
  return {
    ...size,
    reading: andThen(size.reading, (connections) => known(Math.min(connections, most.value))),
  };
}

/** Without a pool there is one connection for each thread or worker: their number is the size. */
const oneEach = ({ concurrencyPerProcess: { reading, variable } }: PoolSettings): SettingReading => ({
  variable,
  unit: "connections",
  reading: andThen(reading, (threads) => known(threads, "one connection for each thread or worker")),
});

/** Where the whole container is hidden, its advice says what the policy configuration must give to decide what. */
function toGive(settings: PoolSettings, container: Reading<Container>): PoolSettings {
  if (container.state !== "unknown" || container.fix === undefined) return settings;
  const hidden = hiddenSettings(settings);
  const named = (names: readonly string[]): string => list(names.map((name) => `\`${name}\``));
  const sizes = SIZES.filter((name) => hidden.includes(name));
  const times = hidden.filter((name) => !SIZES.includes(name));
  const give = [
    ...(sizes.length > 0 ? [`${named(sizes)} for the floor and the budget`] : []),
    ...(times.length > 0 ? [`${named(times)} for the timeouts`] : []),
  ];
  const fix = `${container.fix}; or, under \`pools\` in the policy configuration, give as \`values\` ${give.join(", and ")}, or name its \`library\` with \`environment: "${SETS_NONE}"\` if the library's defaults apply`;
  const entries = Object.entries(settings) as [keyof PoolSettings, SettingReading][];
  return Object.fromEntries(
    entries.map(([name, of]) => [
      name,
      of.reading.state === "unknown" ? { ...of, reading: { ...of.reading, fix } } : of,
    ]),
  ) as PoolSettings;
}

/** What decides how many connections a client opens; the rest decides how long they are waited for and kept. */
const SIZES: readonly (keyof PoolSettings)[] = ["poolMax", "processesPerTask", "concurrencyPerProcess"];

/** Settings of a pool that no preview shows. */
export const hiddenSettings = (settings: PoolSettings): readonly (keyof PoolSettings)[] =>
  (Object.keys(settings) as (keyof PoolSettings)[]).filter(
    (name) => settings[name].reading.state === "unknown",
  );

function namesFor(
  profile: Reading<PoolProfile>,
  container: Reading<Container>,
  likely: PoolProfile | undefined,
): PoolProfile {
  if (profile.state === "known") return profile.value;
  // Every name of it reads as what hides the environment.
  if (container.state !== "known") return nodePostgres;
  return unnamedLibrary(profile.state === "unknown" ? profile : hiddenBy(profile, "tags"), likely);
}

const ownOf = <T>(map: { readonly [key: string]: T | undefined } | undefined, key: string): T | undefined =>
  map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;

/** Of several pools in one container the usual names are the first one's: the others have what they are given. */
function withoutNames(profile: PoolProfile): PoolProfile {
  const settings = { ...profile.settings };
  for (const mark of POOL_MARKS) {
    const { plus: _, ...source } = settings[mark];
    settings[mark] = { ...source, variables: [], label: `${GIVEN}${mark}` };
  }
  return { ...profile, settings };
}

const SUPPORTED = NAMED_LIBRARIES.map(({ library }) => library).join(", ");

interface Found {
  readonly profile: Reading<PoolProfile>;
  /** A library whose names are used, though it cannot be the one that holds the pool. */
  readonly likely?: PoolProfile;
}

interface Described {
  readonly owner: PoolOwner;
  readonly override: PoolOverride | undefined;
  readonly database: Spoken | undefined;
}

/** The library by name, else by the variables that only its users set. */
function findProfile(
  container: Reading<Container>,
  environment: Environment,
  { owner: { library, property }, override, database }: Described,
): Found {
  const named = override?.library === undefined ? library : known(override.library);
  if (named.state === "known") {
    const profile = POOL_PROFILES.get(named.value);
    if (profile && database && !speaks(profile, database)) return { profile: cannotSpeak(profile, database) };
    if (profile) return { profile: known(profile) };
    const reason = `pool library "${shortened(named.value)}" is not one of ${SUPPORTED}`;
    return { profile: { ...unknown("tags", reason), fix: nameIt(database) } };
  }
  if (named.state !== "unset") return { profile: hiddenBy(named, "tags") };
  if (container.state !== "known") return { profile: hiddenBy(container, property) };
  const recognised = recognise(container.value, environment);
  const [first, second] = recognised.filter(({ profile }) => !database || speaks(profile, database));
  if (first && !second) return { profile: known(first.profile, `recognised by \`${first.mark}\``) };
  const [recognisedFirst] = first ? [] : recognised;
  if (recognisedFirst && database) {
    const likely = recognisedFirst.profile;
    return { profile: cannotSpeak(likely, database, `recognised by \`${recognisedFirst.mark}\``), likely };
  }
  const reason =
    first && second
      ? `\`${first.mark}\` is a variable of ${first.profile.library} and \`${second.mark}\` one of ${second.profile.library}, and it is not known which library holds the pool`
      : setsAPoolInSight(environment)
        ? "its pool is set by a variable that several libraries use, and it is not known which library holds the pool"
        : "its visible environment shows neither the size of its pool nor the library";
  return { profile: { ...unknown(property, reason), fix: nameIt(database) } };
}

interface Recognised {
  readonly profile: PoolProfile;
  readonly mark: string;
}

/**
 * The libraries that an environment names: a published program by its image, else by the variables of a pool that only its
 * users set, else by what its programs set for other reasons or by the server in the command. Of a library and its
 * variant (Spring's other pools, Prisma 6) the variant counts.
 */
function recognise(container: Container, environment: Environment): readonly Recognised[] {
  const all = [...POOL_PROFILES.values()];
  const { image } = container;
  const programs = image === undefined ? [] : all.filter((profile) => profile.image?.test(image));
  if (programs.length > 0) return programs.map((profile) => ({ profile, mark: "image" }));
  const marked = all.flatMap((profile): readonly Recognised[] => {
    const mark = profile.marks.find((each) => certainlyHolds(variableOf(each), environment));
    const text = profile.connectionString && connectionStringOf(profile.connectionString, environment);
    const typed = profile.typed && environment.environment(SPRING_TYPE);
    if (typed?.state === "known" && profile.typed?.test(typed.value)) return [{ profile, mark: SPRING_TYPE }];
    return mark !== undefined
      ? [{ profile, mark: nameOf(mark) }]
      : text !== undefined
        ? [{ profile, mark: text }]
        : [];
  });
  const refined = new Set(marked.flatMap(({ profile }) => profile.refines ?? []));
  const found = marked.filter(({ profile }) => !refined.has(profile.library));
  if (found.length > 0) return found;
  const server = libraryOfServer(container);
  return all.flatMap((profile): readonly Recognised[] => {
    const sign = profile.signs?.find((name) => environment.sets(name));
    if (sign !== undefined) return [{ profile, mark: sign }];
    return profile.library === server ? [{ profile, mark: "command" }] : [];
  });
}

const SPRING_TYPE = "SPRING_DATASOURCE_TYPE";

/** As `setsAPool`, of names whose values are not hidden. */
const setsAPoolInSight = (environment: Environment): boolean =>
  [...POOL_PROFILES.values()].some(({ settings }) =>
    POOL_MARKS.some((mark) => settings[mark].variables.some((each) => certainlyHolds(each, environment))),
  );

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

const variableOf = (mark: Mark) => (typeof mark === "string" ? { name: mark } : mark);

const nameOf = (mark: Mark): string =>
  typeof mark === "string" ? mark : `${mark.parameter} in ${mark.name}`;

function environmentOf(container: Reading<Container>, property: string): Environment {
  if (container.state === "known") return container.value;
  const value = hiddenBy(container, property);
  return { environment: () => value, sets: () => false };
}

/** An environment of which what is hidden, as a whole or in a file, is said to set none of the library's variables. */
const withoutHidden = (shown: Environment, property: string): Environment => ({
  ...shown,
  environment: (name) => (shown.sets(name) ? shown.environment(name) : unset(property)),
});

/** What hides a setting, as the setting's own reading. */
export function hiddenBy(reading: Exclude<Reading<unknown>, Known<unknown>>, property: string): Unknown {
  if (reading.state === "unknown") return reading;
  if (reading.state === "malformed") {
    return { ...unknown(property, `\`${reading.property}\` is ${reading.shown}`), because: reading };
  }
  return unknown(property, `\`${reading.property}\` is not set`);
}
