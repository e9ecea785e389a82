import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { readSecret } from './secret-file.ts';

/** Thrown when settings are missing or invalid. It names all of them. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`The settings can't be used:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/**
 * Reads the environment variables that `schema` names: an integer where it says integer, text elsewhere, its
 * default where the variable is missing or empty. A secret may be in a file instead, which `<name>_FILE` names.
 *
 * @throws SettingsError that names every fault
 */
export function readSettings<Properties extends TProperties>(
  schema: TObject<Properties>,
  env: NodeJS.ProcessEnv,
): Static<TObject<Properties>> {
  const values: Record<string, unknown> = {};
  const unreadable = new Map<string, string>();
  for (const [name, property] of Object.entries(schema.properties)) {
    const read = mayBeInFile(property) ? readSecret(name, env) : { text: env[name] || undefined };
    if ('fault' in read) unreadable.set(name, read.fault);
    else if (read.text !== undefined) values[name] = parseValue(read.text, property);
    else if ('default' in property) values[name] = property.default;
  }
  const validator = Compile(schema);
  if (unreadable.size === 0 && validator.Check(values)) return values;
  throw new SettingsError(faultsOf(schema, values, unreadable));
}

/** A setting with the keyword `secret` is never shown. With the value `file`, it may be in a file. */
const isSecret = (property: object): boolean => 'secret' in property;
const mayBeInFile = (property: object): boolean => 'secret' in property && property.secret === 'file';

/** One line for each variable that is missing or invalid, with its description. */
function faultsOf(
  schema: TObject,
  values: Record<string, unknown>,
  unreadable: ReadonlyMap<string, string>,
): string[] {
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    const fault = unreadable.get(name);
    if (fault !== undefined) return [fault];
    const optional = !schema.required?.includes(name);
    if (values[name] === undefined) return optional ? [] : [`${name} is missing: ${descriptionOf(property)}`];
    if (Compile(property).Check(values[name])) return [];
    // Secrets are never shown, not even invalid ones.
    const shown = isSecret(property) ? '' : ` is ${JSON.stringify(withoutPassword(values[name]))}, which`;
    return [`${name}${shown} can't be used: ${descriptionOf(property)}`];
  });
}

/** A URL may have a user and a password where a setting is not a secret. Up to the last @: a password may contain one. */
const withoutPassword = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(/^([\w+.-]*:\/\/)?.*@/s, '$1***@') : value;

/** Converts a text to the type of the schema; text that cannot be converted stays as it is. */
function parseValue(text: string, property: object): unknown {
  const type = 'type' in property ? property.type : undefined;
  if (type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}

const descriptionOf = (property: object): string =>
  'description' in property ? String(property.description) : 'see the README';

const port = (preset: number) =>
  Type.Integer({ minimum: 0, maximum: 65_535, default: preset, description: 'a port, 0 to 65535 (0: any)' });

/** The settings of every server. */
export const serverSettings = (presetPort: number, presetHost: string, presetLevel: string) => ({
  PORT: port(presetPort),
  HOST: Type.String({ default: presetHost, minLength: 1, description: 'the address to listen on' }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: presetLevel,
    description: 'one of fatal, error, warn, info, debug, trace, silent',
  }),
});

const bucketName = (preset: string) =>
  Type.String({
    default: preset,
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    description: "a bucket's name: 3 to 63 of a-z, 0-9, . and -",
  });

/** The two buckets. */
export const bucketSettings = {
  SOURCE_BUCKET: bucketName('src-data'),
  PROCESSED_BUCKET: bucketName('processed-data'),
};

/** A text that is never shown, and may be in a file. */
const secret = (description: string) => Type.String({ minLength: 1, secret: 'file', description });

/** An optional secret: undefined when the variable is missing or empty. */
export const optionalSecret = (description: string) => Type.Optional(secret(description));

/** The address and credentials of the object store. */
export const objectStoreSettings = {
  MINIO_ENDPOINT: Type.String({
    pattern: '^https?://[^/?#]+/?$',
    description: 'the URL of the object store: http(s)://host:port',
  }),
  MINIO_ACCESS_KEY: secret('the access key of the object store'),
  MINIO_SECRET_KEY: secret('the secret key of the object store'),
  CA_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'a PEM file with the certificates of the authorities to trust (default: those of Node.js)',
    }),
  ),
};

/** The addresses and credentials of the object store and the event bus. */
export const stackSettings = {
  ...objectStoreSettings,
  NATS_URL: secret(
    'the NATS server: nats:// or tls://[user:password@]host:port, several separated by commas',
  ),
  NATS_USER: Type.Optional(Type.String({ description: 'the user at NATS' })),
  NATS_PASSWORD: optionalSecret('the password at NATS'),
};

/** The settings of retention. */
export const retentionSettings = {
  KEEP_GENERATIONS: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 10,
    description: 'number of generations that are kept, 1 to 1000',
  }),
};

/** The settings of the response cache. */
export const cacheSettings = {
  CACHE_MB: Type.Integer({
    minimum: 0,
    maximum: 16_384,
    default: 64,
    description: 'memory of the response cache, 0 to 16384 MB',
  }),
};

/** Where the metrics are served. */
export const metricsSettings = {
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'a port for /metrics alone, 0 to 65535 (0: any)',
    }),
  ),
};

/** When served data counts as old. */
export const freshnessSettings = {
  FRESHNESS_LIMIT_MINUTES: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'minutes after which served data counts as old, 1 to 100000 (default: two intervals)',
    }),
  ),
};

/** Who may use the API. */
export const accessSettings = {
  API_TOKENS_FILE: Type.Optional(
    Type.String({ minLength: 1, description: 'a file with lines name:scope[,scope]:hash' }),
  ),
  API_TOKENS: Type.Optional(
    Type.String({
      minLength: 1,
      secret: 'text',
      description: 'lines name:scope[,scope]:hash, separated by newlines or ;',
    }),
  ),
  PUBLIC_READ: Type.Boolean({ default: false, description: 'true or false' }),
};

/** The definition of the data set. */
export const datasetSettings = {
  DATASET_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'a data set definition, a JSON file (default: the users data set)',
    }),
  ),
};

/** Whether an empty installation gets demo data. */
export const seedSettings = {
  SEED_DEMO: Type.Boolean({ default: true, description: 'true or false' }),
};

/** The settings of the ingestor, in the stack and in the standalone program. */
export const ingestionSettings = {
  INGEST_EVERY_MINUTES: Type.Integer({
    minimum: 1,
    maximum: 35_000,
    default: 25,
    description: 'minutes between two scheduled runs, 1 to 35000',
  }),
  FETCH_CONCURRENCY: Type.Integer({
    minimum: 1,
    maximum: 1024,
    default: 64,
    description: 'number of record objects that are read concurrently, 1 to 1024',
  }),
  GUARD_WINDOW_HOURS: Type.Integer({
    minimum: 1,
    maximum: 720,
    default: 24,
    description: 'hours for which the removal guard remembers row counts, 1 to 720',
  }),
  ...retentionSettings,
};

/** The folder for the state of a service. */
export const stateSettings = {
  STATE_DIR: Type.String({ default: './state', minLength: 1, description: 'a folder' }),
};
