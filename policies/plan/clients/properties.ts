import { type PropertyValue, UNKNOWN } from "../plan";
import { isMap } from "../reading";

/** A property of Spring's, Quarkus' or Keycloak's that a program is given otherwise than by the variable of its name. */
interface Property {
  /** As it is written: `spring.datasource.hikari.maximum-pool-size`. */
  readonly key: string;
  readonly value: PropertyValue;
  /** Where it stands: `JAVA_OPTS`, or `command`. */
  readonly place: string;
}

type Variables = ReadonlyMap<string, readonly PropertyValue[]>;

/** The variables of a container with its properties among them, and how messages name those. */
export interface WithProperties {
  readonly environment: Variables;
  /** "spring.datasource.hikari.maximum-pool-size in JAVA_OPTS", by the variable that the property is bound like. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Variables that the JVM reads by itself; the others are read by scripts that start it. */
const READ_BY_JVM = /^(?:JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS)$/;
const JVM_OPTIONS =
  /^(?:_?JAVA|JDK_JAVA|JVM|CATALINA|EXTRA_JAVA)(?:_[A-Z]+)*?_(?:OPTS|OPTIONS|ARGS)(?:_[A-Z]+)*$/;
const JSON_VARIABLE = "SPRING_APPLICATION_JSON";

/** Whether a variable holds properties of its own, which what hides it hides as well. */
export const holdsProperties = (variable: string): boolean =>
  variable === JSON_VARIABLE || JVM_OPTIONS.test(variable);

/** Variables that properties may be bound like. */
export const isBound = (variable: string): boolean => /^(?:SPRING|QUARKUS|KC|SERVER|HIKARI)_/.test(variable);

/** What is about a data source or the HTTP server, and no other property of the JVM's. */
const OF_INTEREST =
  /^(?:spring|quarkus|kc|server)\.|(?:^|\.)(?:data-?source|hikari|r2dbc|jdbc|dbs?|database)(?:\.|$)/i;

/**
 * The variables of a container with every property in the place of the variable that it wins over. The nearest to the program
 * wins: its arguments, then `SPRING_APPLICATION_JSON`, then `-D…`, then variables (Spring Boot reference, "Externalized
 * Configuration"; Quarkus, "Configuration Reference"; keycloak.org/server/configuration).
 */
export function withProperties(
  given: Variables,
  texts: readonly string[],
  image: string | undefined,
): WithProperties {
  const words = texts.flatMap(splitWords);
  const command = inCommand(words);
  const properties = [
    ...dotted(given),
    ...inOptions(given, words, texts),
    ...command.flags,
    ...inJson(given),
    ...command.arguments,
    ...(/keycloak|rhbk/i.test(image ?? "") ? keycloaks(words) : []),
  ];
  if (properties.length === 0) return { environment: given, labels: new Map() };
  const environment = new Map(given);
  const labels = new Map<string, string>();
  for (const { key, value, place } of properties) {
    const name = variableOf(key);
    for (const other of [...environment.keys()]) if (isSameProperty(other, name)) environment.delete(other);
    environment.set(name, [resolved(value, given)]);
    labels.set(name, place === key ? key : `${key} in ${place}`);
  }
  return { environment, labels };
}

/** `spring.datasource.hikari.maximumPoolSize` as a variable: SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE. */
const variableOf = (key: string): string => key.toUpperCase().replace(/[^A-Z0-9]/g, "_");

/** By which Spring tells names that mean the same property. */
const squashed = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, "");

/** Variables that are named like the property itself, as Docker and Kubernetes allow. */
const dotted = (given: Variables): readonly Property[] =>
  [...given].flatMap(([name, values]) =>
    OF_INTEREST.test(name) ? [{ key: name, value: values.at(-1) ?? "", place: name }] : [],
  );

function inOptions(
  given: Variables,
  words: readonly string[],
  texts: readonly string[],
): readonly Property[] {
  // A JVM that the command starts itself gets no options of a script that it does not name.
  const startsJvm = words.some((word) => /(?:^|\/)java$/.test(word));
  const isRead = (name: string): boolean =>
    READ_BY_JVM.test(name) || !startsJvm || texts.some((text) => text.includes(name));
  return [...given].flatMap(([name, values]) => {
    const text = values.at(-1);
    if (!JVM_OPTIONS.test(name) || typeof text !== "string" || !isRead(name)) return [];
    return splitWords(text).flatMap((word) => flag(word, name));
  });
}

/** `-D…` before the program's name is the JVM's, and behind it an argument that nothing reads. */
function inCommand(words: readonly string[]): {
  readonly flags: readonly Property[];
  readonly arguments: readonly Property[];
} {
  const jar = words.indexOf("-jar");
  const flags = jar < 0 ? words : words.slice(0, jar);
  return {
    flags: flags.flatMap((word) => flag(word, "command")),
    arguments: words.flatMap((word) => pair(/^--([A-Za-z][\w.\-[\]"]*)=(.*)$/s.exec(word), "command")),
  };
}

const flag = (word: string, place: string): readonly Property[] =>
  pair(/^-D([A-Za-z][\w.\-[\]"]*)=(.*)$/s.exec(word), place);

function pair(match: RegExpExecArray | null, place: string): readonly Property[] {
  const [, key = "", value = ""] = match ?? [];
  return OF_INTEREST.test(key) ? [{ key, value, place }] : [];
}

/** Keycloak's own options go without a prefix: `start --db-pool-max-size=20`, or as two words. */
const keycloaks = (words: readonly string[]): readonly Property[] =>
  words.flatMap((word, at) => {
    const [, key, equals, value = ""] = /^--(db-[\w-]+|db)(=(.*))?$/s.exec(word) ?? [];
    if (key === undefined) return [];
    return [
      { key: `kc.${key}`, value: equals === undefined ? (words[at + 1] ?? "") : value, place: "command" },
    ];
  });

function inJson(given: Variables): readonly Property[] {
  const text = given.get(JSON_VARIABLE)?.at(-1);
  if (typeof text !== "string") return [];
  try {
    return flattened(JSON.parse(text) as PropertyValue, "").map((each) => ({
      ...each,
      place: JSON_VARIABLE,
    }));
  } catch {
    return [];
  }
}

/**
 * Properties in a file that Spring Boot or Quarkus reads, by its name and text. Of YAML the nested maps of plain values are read,
 * which is how such files are written.
 */
export function propertiesIn(name: string, text: string): readonly (readonly [key: string, value: string])[] {
  if (!/^(?:application|bootstrap)[\w-]*\.(?:properties|ya?ml)$/.test(name)) return [];
  const isYaml = !name.endsWith(".properties");
  const path: { readonly indent: number; readonly key: string }[] = [];
  return text.split(/\r?\n/).flatMap((line) => {
    const [, indent = "", key = "", value = ""] =
      (isYaml ? /^( *)(["'\w.[\]-]+):(?:\s+(.*))?$/ : /^(\s*)([\w.[\]-]+)\s*[=:]\s*(.*)$/).exec(line) ?? [];
    if (key === "" || line.trim().startsWith("#")) return [];
    while (isYaml && path.length > 0 && (path.at(-1)?.indent ?? 0) >= indent.length) path.pop();
    if (isYaml) path.push({ indent: indent.length, key: key.replace(/["']/g, "") });
    const whole = isYaml ? path.map((each) => each.key).join(".") : key;
    const bare = value
      .replace(isYaml ? /\s+#.*$/ : /$^/, "")
      .replace(/^(["'])(.*)\1$/, "$2")
      .trim();
    return bare !== "" && OF_INTEREST.test(whole) ? [[whole, bare] as const] : [];
  });
}

/** Whether two names mean the same property to Spring. */
export const isSameProperty = (one: string, other: string): boolean => squashed(one) === squashed(other);

function flattened(value: PropertyValue, path: string): readonly Omit<Property, "place">[] {
  if (isMap(value))
    return Object.entries(value).flatMap(([key, inner]) =>
      flattened(inner, path === "" ? key : `${path}.${key}`),
    );
  return OF_INTEREST.test(path) ? [{ key: path, value }] : [];
}

/** A value that is another variable's: `${DB_POOL}`, with its default as Spring (`:`) or a shell (`:-`) writes it. */
function resolved(value: PropertyValue, given: Variables): PropertyValue {
  const text = typeof value === "string" ? value : "";
  const [, braced, fallback, plain] = /^\$(?:\{(\w+)(?::-?([^}]*))?\}|(\w+))$/.exec(text) ?? [];
  const name = braced ?? plain;
  if (name === undefined) return value;
  return given.get(name)?.at(-1) ?? fallback ?? UNKNOWN;
}

/** Words as a shell parts them, quotes taken off: enough to find options in a command that is one text. */
export function splitWords(text: string): readonly string[] {
  if (!/\s/.test(text.trim())) return [text.trim()].filter((word) => word !== "");
  const parts =
    text.match(
      /\$\([^)]*\)|\$\{[^}]*\}|(?:"[^"]*"|'[^']*'|\$\([^)]*\)|\$\{[^}]*\}|[^\s"';|&])+|&&|\|\||[;|&]/g,
    ) ?? [];
  return parts.flatMap((part) => {
    const bare = /^(["'])(.*)\1$/s.exec(part)?.[2];
    return bare !== undefined && /\s/.test(bare) ? splitWords(bare) : [(bare ?? part).replace(/["']/g, "")];
  });
}
