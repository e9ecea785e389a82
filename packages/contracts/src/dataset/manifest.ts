import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const hexSha256 = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });

const PublishedObject = Type.Object({
  key: Type.String({ description: 'key in the processed bucket' }),
  size: Type.Integer({ minimum: 0, description: 'bytes' }),
  etag: Type.String(),
  rows: Type.Integer({ minimum: 0, description: 'rows without the header' }),
  // Manifests of earlier releases do not have it.
  sha256: Type.Optional(hexSha256('of the object, hex')),
});
export type PublishedObject = Static<typeof PublishedObject>;

/** The rows that differ from the generation before. */
const Delta = Type.Object({
  ...PublishedObject.properties,
  sha256: hexSha256('of the object, hex'),
  base: Type.Object(
    { generation: Type.Integer({ minimum: 1 }), version: hexSha256('SHA-256 of its output.csv, hex') },
    { description: 'the only data set that it can be applied to' },
  ),
});
export type Delta = Static<typeof Delta>;

/**
 * manifest.json: the published generation. Everything it names exists before it is written. The two snapshots and the delta never
 * change, so a reader of a manifest can always read its generation.
 */
export const Manifest = Type.Object(
  {
    generation: Type.Integer({ minimum: 1, description: 'increases with every published data set' }),
    version: hexSha256('SHA-256 of output.csv, hex'),
    created_at: Type.String({ format: 'date-time' }),
    rows: Type.Integer({ minimum: 0, description: 'rows of output.csv' }),
    snapshot: PublishedObject,
    output: PublishedObject,
    rejects_snapshot: PublishedObject,
    rejects: PublishedObject,
    // Manifests of earlier releases have neither: their data set is `users`.
    definition: Type.Optional(Type.Object({}, { description: 'the definition of the data set' })),
    definition_hash: Type.Optional(hexSha256('of the definition: what decides which rows there are, hex')),
    delta: Type.Optional(Delta),
    row_peaks: Type.Optional(
      Type.Array(
        Type.Object({ rows: Type.Integer({ minimum: 0 }), until: Type.String({ format: 'date-time' }) }),
        {
          maxItems: 50,
          description:
            'for the removal guard: how many rows earlier generations had, and until when each was the newest; the most rows first',
        },
      ),
    ),
    rows_before_held: Type.Optional(
      Type.Integer({
        minimum: 0,
        description:
          'for the removal guard, while it holds removals back: how many rows there were when it began, without those added since',
      }),
    ),
  },
  { title: 'Manifest' },
);
export type Manifest = Static<typeof Manifest>;

/** Fixed keys of the processed bucket. */
export const MANIFEST_KEY = 'manifest.json';
export const OUTPUT_KEY = 'output.csv';
export const REJECTS_KEY = 'rejects.csv';
/** The description of output.csv for other programs; the manifest does not name it. */
export const DATA_PACKAGE_KEY = 'datapackage.json';
/** Prefix of the snapshots. */
export const SNAPSHOT_PREFIX = 'datasets/';
/** Prefix of the deltas. */
export const DELTA_PREFIX = 'deltas/';

/** Key of the immutable copy of output.csv. */
export const snapshotKey = (generation: number, version: string): string =>
  `${SNAPSHOT_PREFIX}${generation}-${version}.csv`;
/** Key of the immutable copy of rejects.csv. */
export const rejectsSnapshotKey = (generation: number, version: string): string =>
  `${SNAPSHOT_PREFIX}${generation}-${version}.rejects.csv`;

/** Key of the delta to the generation before. */
export const deltaKey = (generation: number, version: string): string =>
  `${DELTA_PREFIX}${generation}-${version}.csv`;

/** Returns the generation of a snapshot or delta; undefined for a foreign object. */
export function generationOf(key: string): number | undefined {
  const match = /^(?:datasets|deltas)\/(\d+)-[0-9a-f]{64}\.(?:rejects\.)?csv$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Thrown when manifest.json is not valid. */
export class ManifestError extends Error {
  override name = 'ManifestError';
}

const isManifest = Compile(Manifest);

/** Parses manifest.json. @throws ManifestError when it is not valid */
export function parseManifest(bytes: Uint8Array): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ManifestError('manifest.json is not JSON', { cause: error });
  }
  if (isManifest.Check(value)) return value;
  const fault = isManifest.Errors(value)[0];
  throw new ManifestError(`manifest.json: ${fault?.instancePath ?? ''} ${fault?.message ?? 'is not valid'}`);
}
