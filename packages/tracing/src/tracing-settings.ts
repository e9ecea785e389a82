import fs from 'node:fs';
import { type Static, Type } from 'typebox';

/** For a URL that it cannot parse, the exporter sends spans and headers to localhost. It appends the path to the general endpoint. */
const isUrl = (text: string): boolean => URL.canParse(text) && URL.canParse(`${text}/v1/traces`);

const url = (description: string) =>
  Type.Optional(Type.Refine(Type.String({ pattern: '^https?://[^/]+', description }), isUrl));

const HTTP = 'http/protobuf';
const protocol = (options: { default?: typeof HTTP } = {}) =>
  Type.Enum([HTTP], { ...options, description: `${HTTP}; there are no other protocols` });

const headers = (of: string) =>
  Type.Optional(
    Type.String({
      pattern: '^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$',
      secret: 'text',
      description: `headers for ${of}: name=value,name=value`,
    }),
  );

/** A longer timer would end at once. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const timeout = () =>
  Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_TIMEOUT_MS,
      description: `a timeout, 1 to ${MAX_TIMEOUT_MS} ms`,
    }),
  );

const compression = () => Type.Optional(Type.Enum(['none', 'gzip'], { description: 'one of none, gzip' }));

const pemFile = (description: string) =>
  Type.Optional(Type.Refine(Type.String({ description: `${description}: a file that can be read` }), isFile));

function isFile(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.R_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

const [CA, CERTIFICATE, KEY] = [
  'the authority of the collector (PEM)',
  'the certificate for the collector (PEM)',
  'the key of the certificate (PEM)',
];

/**
 * The standard variables of OpenTelemetry that Landfall or the exporter reads. The exporter ignores a value that it cannot use, so that all
 * are checked here.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url('the URL of an OTLP collector: http(s)://host:4318'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('the URL for traces: http(s)://host:4318/v1/traces'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol({ default: HTTP }),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: Type.Optional(protocol()),
  OTEL_EXPORTER_OTLP_HEADERS: headers('the collector'),
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers('traces'),
  OTEL_EXPORTER_OTLP_TIMEOUT: timeout(),
  OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: timeout(),
  OTEL_EXPORTER_OTLP_COMPRESSION: compression(),
  OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: compression(),
  OTEL_EXPORTER_OTLP_CERTIFICATE: pemFile(CA),
  OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: pemFile(CA),
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: pemFile(CERTIFICATE),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE: pemFile(CERTIFICATE),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: pemFile(KEY),
  OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: pemFile(KEY),
  OTEL_TRACES_EXPORTER: Type.Optional(Type.Enum(['otlp', 'none'], { description: 'one of otlp, none' })),
  OTEL_TRACES_SAMPLER: Type.Enum(
    [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    {
      default: 'parentbased_always_on',
      description: 'one of always_on, always_off, traceidratio, and each of them with parentbased_ in front',
    },
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Optional(
    Type.String({ pattern: '^(?:0(?:\\.\\d+)?|1(?:\\.0+)?)$', description: 'a ratio, 0 to 1' }),
  ),
  OTEL_SERVICE_NAME: Type.Optional(Type.String({ description: 'the name of this service in traces' })),
  OTEL_RESOURCE_ATTRIBUTES: Type.Optional(
    Type.String({
      pattern: '^[^=,]+=[^=,]*(,[^=,]+=[^=,]*)*$',
      description: 'attributes of this service: name=value,name=value',
    }),
  ),
  OTEL_SDK_DISABLED: Type.Boolean({ default: false, description: 'true or false' }),
};

const Settings = Type.Object(tracingSettings);
export type TracingSettings = Static<typeof Settings>;

/** Whether spans are to be made: an endpoint or the exporter is set, and nothing turns it off. */
export function isTracingWanted(settings: TracingSettings): boolean {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_SDK_DISABLED: isDisabled } = settings;
  if (isDisabled || exporter === 'none') return false;
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  return exporter === 'otlp' || endpoint !== undefined;
}
