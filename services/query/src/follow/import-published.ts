import fs from 'node:fs';
import path from 'node:path';
import type { Definition } from '@landfall/contracts/dataset/definition';
import type { Manifest, PublishedObject } from '@landfall/contracts/dataset/manifest';
import { isOfDefinition } from '@landfall/contracts/definition/manifest-definition';
import type { ObjectStore } from '@landfall/object-store/object-store';
import type { Logger } from '@landfall/process/logger';
import { readManifest } from '@landfall/processed-bucket/read-manifest';
import { inSpan, NO_TRACER, type Span, type Tracer } from '@landfall/tracing/span';
import type { TraceContext } from '@landfall/tracing/trace-context';
import type { DataSet } from '../dataset/data-set.ts';
import { appliesTo } from '../load/applies-to.ts';
import type { Loader } from '../load/loader.ts';
import type { Rollup } from '../statistics/rollup/rollup.ts';
import { createEmptyFolder, download, PublishedObjectError, rejectOnAbort } from './download.ts';

export interface ImportPublishedDeps {
  store: ObjectStore;
  processedBucket: string;
  /** Of the data set that this service serves. */
  definition: Definition;
  /** A folder that only this service uses. */
  stateDir: string;
  dataSet: Pick<DataSet, 'generations'>;
  loader: Pick<Loader, 'load'>;
  /** Called with every generation that was loaded. */
  onLoaded: (manifest: Manifest, load: LoadResult) => void;
  /** Traces loads; without it they are not traced. */
  tracer?: Tracer | undefined;
  log: Logger;
}

/** How a generation was loaded. */
export interface LoadResult {
  /** Undefined when it has none. */
  rollup: Rollup | undefined;
  /** Whether it was loaded from its delta. */
  isDelta: boolean;
  /** Of the downloads and the load, ms. */
  durationMs: number;
}

/** The published data set has another definition than this service. */
export class OtherDefinitionError extends PublishedObjectError {
  override name = 'OtherDefinitionError';
}

/** The folder for downloads, in the state folder. */
export const INCOMING_FOLDER = 'incoming';

/**
 * Imports the published generation, unless it is served already: by its delta when that is for the served generation, otherwise
 * as a whole.
 *
 * @param traces the requests and events that it belongs to, for tracing
 * @param signal ends a download
 * @throws StoreError; ManifestError; PublishedObjectError; OtherDefinitionError; the loader's error
 */
export async function importPublished(
  deps: ImportPublishedDeps,
  traces: readonly TraceContext[],
  signal: AbortSignal,
): Promise<void> {
  const { store, processedBucket, definition, dataSet, tracer = NO_TRACER } = deps;
  const published = (await rejectOnAbort(readManifest(store, processedBucket), signal))?.manifest;
  if (!published) return;
  if (!isOfDefinition(published, definition)) {
    throw new OtherDefinitionError('the published data set has another definition than this service');
  }
  const served = dataSet.generations.current();
  const { generation, version } = published;
  if (served?.generation === generation && served.version === version) return;

  const span = tracer.start('load', traces, { attributes: { 'landfall.generation': generation } });
  await inSpan(span, () => loadPublished(deps, published, served, span, signal));
}

async function loadPublished(
  deps: ImportPublishedDeps,
  published: Manifest,
  served: Manifest | undefined,
  span: Span,
  signal: AbortSignal,
): Promise<void> {
  const { delta, snapshot } = published;
  if (delta && appliesTo(delta, served)) {
    try {
      return await downloadAndLoad(deps, published, { object: delta, isDelta: true }, span, signal);
    } catch (err) {
      if (signal.aborted) throw err;
      const { traceId: trace_id } = span;
      deps.log.warn({ err, trace_id }, 'the delta cannot be used, so the whole generation is loaded');
    }
  }
  await downloadAndLoad(deps, published, { object: snapshot, isDelta: false }, span, signal);
}

async function downloadAndLoad(
  { store, processedBucket, stateDir, loader, onLoaded, log }: ImportPublishedDeps,
  manifest: Manifest,
  { object, isDelta }: { object: PublishedObject; isDelta: boolean },
  span: Span,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const incoming = await createEmptyFolder(stateDir, INCOMING_FOLDER);
  try {
    const file = path.join(incoming, 'rows.csv');
    const rejectsFile = path.join(incoming, 'rejects.csv');
    await download(store, processedBucket, object, file, signal);
    await download(store, processedBucket, manifest.rejects_snapshot, rejectsFile, signal);
    const rollup = await loader.load({ manifest, rows: { file, isDelta }, rejectsFile });
    const { generation, rows } = manifest;
    const delta = isDelta ? object.rows : undefined;
    span.set({ 'landfall.rows': rows, 'landfall.delta': isDelta });
    log.info({ generation, rows, delta, trace_id: span.traceId }, 'a new generation is served');
    onLoaded(manifest, { rollup, isDelta, durationMs: performance.now() - startedAt });
  } finally {
    await fs.promises.rm(incoming, { recursive: true, force: true });
  }
}
