import { type Static, Type } from 'typebox';

const url = (description: string) => Type.Optional(Type.String({ pattern: '^https?://[^/]+', description }));

/**
 * The standard variables of OpenTelemetry that Landfall reads. The exporter reads others of its own, as
 * `OTEL_EXPORTER_OTLP_TIMEOUT`.
 *
 * @see https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: url('the URL of an OTLP collector: http(s)://host:4318'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('the URL for traces: http(s)://host:4318/v1/traces'),
  OTEL_EXPORTER_OTLP_PROTOCOL: Type.Enum(['http/protobuf'], {
    default: 'http/protobuf',
    description: 'http/protobuf; there are no other protocols',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: Type.Optional(
    Type.String({
      pattern: '^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$',
      secret: 'text',
      description: 'headers for the collector: name=value,name=value',
    }),
  ),
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
