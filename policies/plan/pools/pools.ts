import { type Container, naming } from "../clients/containers";
import { cannotSpeak, nameIt, type Spoken, speaks } from "../databases/protocol";
import { andThen, type Known, known, type Reading, type Unknown, unknown } from "../reading";
import { GIVEN, type PoolOverride, wildcard } from "../settings";
import { POOL_PROFILES, type PoolProfile } from "./libraries";
import { nodePostgres } from "./libraries/nodePostgres";
import { type Mark, POOL_MARKS, type PoolSettings, type SettingReading, unnamedLibrary } from "./library";
import { certainlyHolds, type Environment, holds, isSet, readSettings } from "./settings";

/** One pool of a container or function. */
export interface PoolReading {
  /** Set where the policy configuration tells several pools apart. */
  readonly pool: string | undefined;
  readonly library: Reading<string>;
  readonly settings: PoolSettings;
  /** Database that the policy configuration names for it. */
  readonly database: string | undefined;
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
    ({ marks, settings }) =>
      marks.some((mark) => holds(variableOf(mark), environment)) ||
      POOL_MARKS.some((mark) => isSet(settings[mark], environment)),
  );
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
  environment: Environment,
  owner: PoolOwner,
  override: PoolOverride | undefined,
): PoolReading {
  const database = owner.databaseOf(override?.database);
  const { profile, likely } = findProfile(container, environment, { owner, override, database });
  const isNamed = override?.pool !== undefined;
  const names = namesFor(profile, container, likely);
  const settings = readSettings(isNamed ? withoutNames(names) : names, environment, (setting) => ({
    variables: ownOf(override?.variables, setting),
    value: ownOf(override?.values, setting),
  }));
  return {
    pool: override?.pool,
    library: andThen(profile, ({ library }) =>
      profile.state === "known" && profile.assumed !== undefined
        ? known(library, profile.assumed)
        : known(library),
    ),
    settings: toGive({ ...settings, ...owner.given?.(settings) }, container),
    database: override?.database,
    reads: new Set([
      ...names.marks.map((mark) => variableOf(mark).name),
      ...Object.values(names.settings).flatMap(({ variables, plus }) =>
        [...variables, ...(plus?.variables ?? [])].map(({ name }) => name),
      ),
      ...Object.values(override?.variables ?? {}).flatMap((renamed) => renamed ?? []),
    ]),
  };
}

/** Where the whole container is hidden, its advice names the settings that the policy configuration does not give yet. */
function toGive(settings: PoolSettings, container: Reading<Container>): PoolSettings {
  if (container.state !== "unknown" || container.fix === undefined) return settings;
  const { fix } = container;
  const entries = Object.entries(settings) as [keyof PoolSettings, SettingReading][];
  const all = hiddenSettings(settings);
  const hidden = [
    ...POOL_MARKS.filter((name) => all.includes(name)),
    ...all.filter((name) => !POOL_MARKS.includes(name)),
  ];
  const named = entries.map(([name, of]) => [
    name,
    of.reading.state === "unknown" ? { ...of, reading: { ...of.reading, fix: naming(fix, hidden) } } : of,
  ]);
  return Object.fromEntries(named) as PoolSettings;
}

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

const SUPPORTED = [...POOL_PROFILES.keys()].join(", ");

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
  const recognised = [...POOL_PROFILES.values()].flatMap((profile) => {
    const mark = profile.marks.find((each) => certainlyHolds(variableOf(each), environment));
    return mark === undefined ? [] : [{ profile, mark: nameOf(mark) }];
  });
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

/** What hides a setting, as the setting's own reading. */
export function hiddenBy(reading: Exclude<Reading<unknown>, Known<unknown>>, property: string): Unknown {
  if (reading.state === "unknown") return reading;
  if (reading.state === "malformed") {
    return { ...unknown(property, `\`${reading.property}\` is ${reading.shown}`), because: reading };
  }
  return unknown(property, `\`${reading.property}\` is not set`);
}
