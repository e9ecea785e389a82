import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const hexSha256 = (description: string) => Type.String({ pattern: '^[0-9a-f]{64}$', description });

const PublishedObject = Type.Object({
  key: Type.String({ description: 'in the processed bucket' }),
  size: Type.Integer({ minimum: 0, description: 'bytes' }),
  etag: Type.String(),
  rows: Type.Integer({ minimum: 0, description: 'records, the header not counted' }),
  // Every manifest that is written has it; the manifests of earlier versions do not.
  sha256: Type.Optional(hexSha256('of the object, hex')),
});
export type PublishedObject = Static<typeof PublishedObject>;

/** What is otherwise than in the generation before: whoever has that one need not read everything. */
const Delta = Type.Object({
  ...PublishedObject.properties,
  sha256: hexSha256('of the object, hex'),
  base: Type.Object(
    { generation: Type.Integer({ minimum: 1 }), version: hexSha256('SHA-256 of its output.csv, hex') },
    { description: 'the data set that it is to be applied to, and no other' },
  ),
});
export type Delta = Static<typeof Delta>;

/**
 * manifest.json: what the published data set is. Everything it names was there before it was written; the two
 * snapshots and the delta never change, so whoever reads a manifest can read the whole generation it stands for.
 */
export const Manifest = Type.Object(
  {
    generation: Type.Integer({ minimum: 1, description: 'rises with every published data set' }),
    version: hexSha256('SHA-256 of output.csv, hex'),
    created_at: Type.String({ format: 'date-time' }),
    rows: Type.Integer({ minimum: 0, description: 'users' }),
    snapshot: PublishedObject,
    output: PublishedObject,
    rejects_snapshot: PublishedObject,
    rejects: PublishedObject,
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

/** The keys of the processed bucket that stay the same over all generations. */
export const MANIFEST_KEY = 'manifest.json';
export const OUTPUT_KEY = 'output.csv';
export const REJECTS_KEY = 'rejects.csv';
/** Where the snapshots lie. */
export const SNAPSHOT_PREFIX = 'datasets/';
/** Where the deltas lie. */
export const DELTA_PREFIX = 'deltas/';

/** The immutable copy of output.csv of one generation. */
export const snapshotKey = (generation: number, version: string): string =>
  `${SNAPSHOT_PREFIX}${generation}-${version}.csv`;
/** The immutable copy of rejects.csv of one generation. */
export const rejectsSnapshotKey = (generation: number, version: string): string =>
  `${SNAPSHOT_PREFIX}${generation}-${version}.rejects.csv`;

/** What a generation changed in the one before. */
export const deltaKey = (generation: number, version: string): string =>
  `${DELTA_PREFIX}${generation}-${version}.csv`;

/** The generation a snapshot or a delta belongs to; undefined for a foreign object. */
export function generationOf(key: string): number | undefined {
  const match = /^(?:datasets|deltas)\/(\d+)-[0-9a-f]{64}\.(?:rejects\.)?csv$/.exec(key);
  return match ? Number(match[1]) : undefined;
}

/** Whether a delta is for this data set, and so may be applied to it. */
export const isFor = (
  { base }: Delta,
  loaded: { generation: number; version: string } | undefined,
): boolean => base.generation === loaded?.generation && base.version === loaded.version;

/** Thrown when manifest.json can't be understood. */
export class ManifestError extends Error {
  override name = 'ManifestError';
}

const isManifest = Compile(Manifest);

/** @throws ManifestError when `bytes` are no manifest */
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
