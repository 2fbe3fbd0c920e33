import type { PlanResource } from "../plan";
import type { PlanIndex } from "../planIndex";
import { isKnown, ownText } from "../reading";
import { resourceTypes } from "../resourceTypes";
import type { Container } from "./containers";
import { holdsProperties } from "./properties";

/** A database's host that a text names. */
export interface NamedHost {
  /** The variable that holds it, or `command`; its value may carry a password and is never shown. */
  readonly variable: string;
  /** `host`: a name of one's own, of which nothing says what it stands for. */
  readonly kind: "database" | "reader" | "proxy" | "proxy endpoint" | "custom endpoint" | "host";
  /** Identifier in an RDS endpoint (its first part), or the whole of any other host; in lower case. */
  readonly identifier: string;
}

/** One database that a container's environment speaks of, by the variables of one prefix. */
interface DataSource {
  /** What is left of the variable's name without its usual words: "" for `DB_HOST`, `AUDIT` for `AUDIT_DB_HOST`. */
  readonly prefix: string;
  /** The variable that says it best: the one with the address. */
  readonly variable: string;
  /** Hosts that can be seen; empty where a secret or the preview hides them. */
  readonly hosts: readonly NamedHost[];
}

/** Words in a variable's name that say that it is about an SQL database. */
const DATABASE_WORD =
  /^(?:DB|DATABASE|DATABASES|DATASOURCE|PG|PSQL|PGSQL|POSTGRES|POSTGRESQL|POSTGRESDB|MYSQL|MYSQLDB|MARIADB|RDS|AURORA|JDBC|R2DBC|SQL|SQLALCHEMY|TYPEORM|SEQUELIZE|PRISMA|KNEX)(\d*)$/;

/** Words that make a variable one of something else, whatever follows: a cache, a broker, mail. */
const OTHER_WORD =
  /^(?:REDIS|VALKEY|CACHE|MEMCACHED?|MEMCACHE|ELASTICACHE|SMTP|IMAP|MAIL|EMAIL|MAILGUN|SES|RABBIT|RABBITMQ|AMQP|MQ|MQTT|KAFKA|NATS|SQS|SNS|S3|DYNAMODB|DYNAMO|MONGO|MONGODB|CASSANDRA|INFLUX|INFLUXDB|ELASTIC|ELASTICSEARCH|OPENSEARCH|SOLR|MEILI|LDAP|FTP|SFTP|SSH|HTTP|HTTPS|GRPC|WS|WEBSOCKET|SOCKET|VAULT|CONSUL|STATSD|UV|OMP|MKL|OPENBLAS|TOKIO|RAYON|THREADPOOL)$/;

/** Words of frameworks and roles that do not tell one data source of a program from another. */
const NEUTRAL_WORD =
  /^(?:SPRING|FLASK|DJANGO|RAILS|QUARKUS|HIBERNATE|HASURA|GRAPHQL|WORDPRESS|KC|GF|MB|N8N|AIRFLOW|CORE|APP|API|SERVICE|SERVER|MAIN|PRIMARY|MASTER|DEFAULT|PUBLIC|CONNECTION|CONN|ALCHEMY|DRIVER|CONFIG)$/;

const ADDRESS = ["HOST", "HOSTNAME", "HOSTS", "ENDPOINT", "SERVER", "ADDRESS", "ADDR"];
const URL_WORDS = ["URL", "URI", "DSN", "CONNECTION_STRING", "CONNECTIONSTRING", "CONN_STR", "CONN"];
const PASSWORD = ["PASSWORD", "PASS", "PASSWD", "PWD", "PASSWORD_FILE"];
const CREDENTIALS = ["SECRET", "SECRET_ARN", "SECRET_ID", "SECRET_NAME", "CREDENTIALS", "CREDENTIALS_ARN"];
const USER = ["USER", "USERNAME", "USER_NAME"];
const ENDINGS = [...ADDRESS, ...URL_WORDS, ...PASSWORD, ...CREDENTIALS, ...USER].sort(
  (a, b) => b.length - a.length,
);

/**
 * The databases that a container names, whatever its variables are called: an RDS endpoint or a database's URL in any
 * value or in its command; a host and a password of one prefix; a variable whose name says that it holds a database's
 * address or credentials, even where its value is hidden.
 */
export function dataSources(container: Container | undefined): readonly DataSource[] {
  if (container === undefined) return [];
  const parts = container.variables.map(partsOf);
  const found = parts.flatMap((part): DataSource[] => {
    const value = container.environment(part.name);
    const text = value.state === "known" ? value.value : undefined;
    const hosts = text === undefined ? [] : hostsIn(text, part.name);
    const isNamed = text !== "" && namesDatabase(part, parts, text !== undefined);
    if (hosts === undefined || (hosts.length === 0 && !isNamed)) return [];
    const plain =
      isNamed && text !== undefined && ADDRESS.includes(part.ending) ? hostOf(text, part.name) : [];
    return [{ prefix: part.prefix, variable: part.name, hosts: hosts.length > 0 ? hosts : plain }];
  });
  const commands = container.texts.flatMap((text): DataSource[] => {
    const hosts = hostsIn(text, "command") ?? [];
    return hosts.length === 0 ? [] : [{ prefix: "", variable: "command", hosts }];
  });
  return byPrefix([...found, ...commands]);
}

/** One entry for each prefix, the usual names first, by the variable that shows most: `DB_HOST` and `DB_PASSWORD` are one. */
function byPrefix(sources: readonly DataSource[]): readonly DataSource[] {
  const groups = new Map<string, DataSource>();
  for (const source of sources) {
    const known = groups.get(source.prefix);
    const best = known !== undefined && known.hosts.length > 0 ? known : source;
    groups.set(source.prefix, { ...best, hosts: [...(known?.hosts ?? []), ...source.hosts] });
  }
  return [...groups.values()].sort((a, b) => Number(a.prefix !== "") - Number(b.prefix !== ""));
}

interface VariableParts {
  readonly name: string;
  readonly prefix: string;
  /** One of `ENDINGS`, or "". */
  readonly ending: string;
  /** The name without its ending, to find others of the same. */
  readonly stem: string;
  readonly isDatabase: boolean;
  readonly isOther: boolean;
}

function partsOf(name: string): VariableParts {
  const upper = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, "_");
  const ending =
    ENDINGS.find((each) => upper === each || upper.endsWith(`_${each}`) || upper === `PG${each}`) ?? "";
  const stem = upper.slice(0, upper.length - ending.length).replace(/_+$/, "");
  const words = stem.split("_").filter((word) => word !== "");
  const rest = words.flatMap((word) => {
    const database = DATABASE_WORD.exec(word);
    return database ? (database[1] ?? "") : NEUTRAL_WORD.test(word) ? "" : word;
  });
  return {
    name,
    ending,
    stem,
    prefix: rest.filter((word) => word !== "").join("_"),
    // .NET binds `ConnectionStrings__Orders` (learn.microsoft.com, "Configuration in ASP.NET Core").
    isDatabase: words.some((word) => DATABASE_WORD.test(word)) || /^CONNECTION_STRINGS_/.test(upper),
    isOther: words.some((word) => OTHER_WORD.test(word)),
  };
}

/** @param isKnown a known text in a URL's variable that is no database's URL is something else, such as a file's path. */
function namesDatabase(part: VariableParts, all: readonly VariableParts[], isKnown: boolean): boolean {
  const { ending, stem, isDatabase, isOther } = part;
  if (isOther) return false;
  if (isDatabase) {
    if (ADDRESS.includes(ending) || PASSWORD.includes(ending) || CREDENTIALS.includes(ending)) return true;
    if (ending === "" || URL_WORDS.includes(ending)) {
      return !isKnown && (ending !== "" || part.name.startsWith("ConnectionStrings__"));
    }
    return all.some((other) => other.stem === stem && ADDRESS.includes(other.ending));
  }
  const hasPassword = all.some((other) => other.stem === stem && PASSWORD.includes(other.ending));
  return stem !== "" && ADDRESS.includes(ending) && hasPassword;
}

const RDS_HOST =
  /(?<![a-z0-9.-])([a-z][a-z0-9-]{0,62})((?:\.[a-z0-9-]{1,63}){1,4})\.rds\.amazonaws\.com(?:\.cn)?(?![a-z0-9-]|\.[a-z0-9])/gi;

/**
 * Schemes of URLs to databases that are servers, with the prefixes and drivers that JDBC, R2DBC and SQLAlchemy put
 * around them: `jdbc:aws-wrapper:postgresql://`, `postgresql+asyncpg://`. SQLite, H2 and the like run in the process.
 */
const DATABASE_URL =
  /\b(?:r2dbcs?:(?:pool:)?|jdbc:(?!sqlite|h2|hsqldb|derby)(?:[a-z0-9-]+:)?)?(?:postgres(?:ql)?|pgsql|mysql2?|mariadb|aurora|cockroach(?:db)?|ecto|sqlserver|mssql|oracle)(?:\+[a-z0-9]+)?:(?:[a-z]+:)?(?:\/\/|@)([^\s"'`<>]*)/gi;
const OTHER_JDBC = /\bjdbc:(?!sqlite|h2|hsqldb|derby)[a-z0-9:-]+/i;

/** `Server=…;Database=…` (ADO.NET), `host=… dbname=…` (libpq), `user@tcp(…)/` (go-sql-driver). */
const KEYWORDS = [
  [
    /(?:^|;)\s*(?:server|host|data source|address|addr)\s*=\s*([^;]+)/i,
    /(?:^|;)\s*(?:database|initial catalog|user ?(?:name|id)?|uid)\s*=/i,
  ],
  [/(?:^|\s)host=(\S+)/, /(?:^|\s)(?:dbname|user|password)=/],
  [/@tcp\(([^)]+)\)\//, /@tcp\(/],
] as const;

/** Whether a text, such as a value deep in a resource's properties, holds a database's endpoint or URL. */
export const holdsDatabaseAddress = (text: string): boolean => (hostsIn(text, "") ?? []).length > 0;

/** Hosts of databases in a text; undefined for the address of something that is certainly no server of SQL. */
export function hostsIn(text: string, variable: string): readonly NamedHost[] | undefined {
  const endpoints = rdsHosts(text);
  if (endpoints.length > 0) return endpoints.map((host) => ({ variable, ...host }));
  const urls = [...text.matchAll(DATABASE_URL)].flatMap(([, rest = ""]) => authorityHosts(rest, variable));
  if (urls.length > 0) return urls;
  for (const [address, companion] of KEYWORDS) {
    const match = companion.test(text) ? address.exec(text) : null;
    if (match) return hostOf(match[1] ?? "", variable);
  }
  if (OTHER_JDBC.test(text)) return [{ variable, kind: "host", identifier: "" }];
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? undefined : [];
}

/** The hosts of what follows `//` in a URL: after the user and password, before the path; several where they are a list. */
function authorityHosts(rest: string, variable: string): readonly NamedHost[] {
  const [authority = ""] = rest.split(/[/?#;]/);
  const hosts = authority.slice(authority.lastIndexOf("@") + 1).split(",");
  return hosts.flatMap((host) => hostOf(host, variable));
}

/** A host without its port, by a whole host, `[::1]` or "" for a socket, as a name of one's own. */
function hostOf(text: string, variable: string): readonly NamedHost[] {
  const endpoints = rdsHosts(text);
  if (endpoints.length > 0) return endpoints.map((host) => ({ variable, ...host }));
  const host = text
    .trim()
    .replace(/^(?:tcp:)?\[([^\]]*)\].*$|^tcp:/i, "$1")
    .replace(/^([^:]*):\d+$/, "$1");
  return [{ variable, kind: "host", identifier: host.toLowerCase() }];
}

/**
 * What RDS endpoints name, by their parts (AWS: Amazon RDS User Guide, "Connecting to a DB instance"; Amazon Aurora
 * User Guide, "Amazon Aurora endpoint connections"; "Working with RDS Proxy endpoints"):
 * `IDENTIFIER.x.REGION`, `CLUSTER.cluster-x.REGION`, `CLUSTER.cluster-ro-x.REGION`, `NAME.cluster-custom-x.REGION`,
 * `PROXY.proxy-x.REGION` and `NAME.endpoint.proxy-x.REGION`.
 */
export function rdsHosts(text: string): Omit<NamedHost, "variable">[] {
  return [...text.matchAll(RDS_HOST)].map(([, first = "", rest = ""]) => {
    const [, second = "", third = ""] = rest.toLowerCase().split(".");
    const kind = second.startsWith("proxy-")
      ? "proxy"
      : second === "endpoint" && third.startsWith("proxy-")
        ? "proxy endpoint"
        : second.startsWith("cluster-custom-")
          ? "custom endpoint"
          : second.startsWith("cluster-ro-")
            ? "reader"
            : "database";
    return { kind, identifier: first.toLowerCase() };
  });
}

/** The resource of the stack that has this endpoint, or the DNS record of this name. */
export function resourceBehind(
  { kind, identifier }: Omit<NamedHost, "variable">,
  index: PlanIndex,
): PlanResource | undefined {
  const name = kind === "host" ? identifier.replace(/\.$/, "") : identifier;
  const [found] = PLACES[kind].flatMap(({ types, property }) => index.named(types, property, name));
  return found;
}

type Place = { readonly types: ReadonlySet<string>; readonly property: string };

const PLACES: { readonly [kind in NamedHost["kind"]]: readonly Place[] } = {
  database: [
    { types: resourceTypes.rdsInstance, property: "identifier" },
    { types: resourceTypes.rdsCluster, property: "clusterIdentifier" },
    { types: resourceTypes.rdsClusterInstance, property: "identifier" },
  ],
  reader: [{ types: resourceTypes.rdsCluster, property: "clusterIdentifier" }],
  proxy: [{ types: resourceTypes.rdsProxy, property: "name" }],
  "proxy endpoint": [{ types: resourceTypes.rdsProxyEndpoint, property: "dbProxyEndpointName" }],
  "custom endpoint": [{ types: resourceTypes.rdsClusterEndpoint, property: "clusterEndpointIdentifier" }],
  host: [{ types: resourceTypes.dnsRecord, property: "name" }],
};

/** Whether every resource that may have such an endpoint is known by name, so that no match means: not of this stack. */
export function allNamed({ kind }: NamedHost, index: PlanIndex): boolean {
  if (kind === "host") return false;
  return PLACES[kind].every(({ types, property }) =>
    index.ofType(types).every((resource) => isKnown(ownText(resource, property))),
  );
}

/** The size of a pool, a second pool or a number of workers, in the names that people give them. */
const POOL_LIKE =
  /POOL_?(?:MAX|SIZE|LIMIT|CAPACITY)|(?:MAX|MAXIMUM)_?(?:OPEN_?)?(?:POOL|CONN)|CONN(?:ECTION)?S?_?(?:MAX|LIMIT|COUNT)|(?:MAX|LIMIT)(?:_[A-Z]+)*_CONN(?:ECTION)?S?(?:_|$)|MAX_?OVERFLOW|(?:^|_)(?:WORKERS?|CONCURRENCY|THREADS|PROCESSES)(?:_|$)|FPM_.*CHILDREN/;
/** The same of a database by name: `DB_MAX`, `PG_MAX_CLIENTS`, `DB_CONNECTIONS`. */
const SIZE_OF_DATABASE =
  /(?:^|_)(?:DB|DATABASE|PG|POSTGRES(?:QL)?|MYSQL|MARIADB|SQL)_(?:MAX|MAX_?SIZE|(?:MAX_)?(?:CONNECTIONS|CONNS|CLIENTS))$/;
/** Settings of a pool in a variable that holds JSON. */
const POOL_IN_JSON =
  /"(?:pool(?:[_-]?(?:max|size))?|max(?:imum)?[_-]?(?:pool[_-]?size|connections|overflow)|connection[_-]?limit)"\s*:/i;
/** Pools of threads and of HTTP connections by frameworks' own names, and what only says how many idle ones stay. */
const NO_POOL_OF_CONNECTIONS =
  /^(?:SERVER_(?:TOMCAT|JETTY|UNDERTOW|NETTY)|SPRING_(?:TASK|THREADS)|QUARKUS_(?:THREAD_POOL|VERTX|HTTP)|N8N_CONCURRENCY|NGINX|KESTREL|DOTNET|ASPNETCORE)_|(?:^|_)(?:MIN|IDLE)(?:_|$)/;
/** Names of threads and workers, which make further processes only where a program forks. */
const WORKERS_LIKE = /(?:^|_)(?:WORKERS?|CONCURRENCY|THREADS|PROCESSES)(?:_|$)/;
/** Variables that carry the arguments of a server that forks. */
const ARGUMENTS_LIKE =
  /^(?:GUNICORN|UVICORN|HYPERCORN|GRANIAN|PUMA|CELERY|SIDEKIQ)_?(?:CMD_ARGS|ARGS|OPTS|OPTIONS)$/;

/**
 * Variables that look like the size of a pool, of a second pool or a number of processes: what no profile reads among
 * them may multiply the connections that are counted.
 * @param forks - Whether its program may start processes that have pools of their own: one of threads has one pool.
 */
export function looksLikePool(name: string, container: Container, forks = true): boolean {
  const { isOther } = partsOf(name);
  if (isOther || /TIMEOUT|LIFETIME|_MS$|_SECONDS$/i.test(name)) return false;
  const upper = name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toUpperCase();
  if (NO_POOL_OF_CONNECTIONS.test(upper)) return false;
  if (!forks && WORKERS_LIKE.test(upper) && !/POOL|CONN/.test(upper)) return false;
  if (ARGUMENTS_LIKE.test(upper)) return true;
  const value = container.environment(name);
  if (value.state === "known" && /^\s*\{/.test(value.value))
    return !holdsProperties(name) && POOL_IN_JSON.test(value.value);
  if (!POOL_LIKE.test(upper) && !SIZE_OF_DATABASE.test(upper)) return false;
  return value.state !== "known" || /^\s*(?:\d+|auto|\$.*)\s*$/i.test(value.value);
}
