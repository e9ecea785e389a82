import type { Definition } from '@landfall/contracts/dataset/definition';
import { type Manifest, ManifestError, parseManifest } from '@landfall/contracts/dataset/manifest';
import { isDamage } from '@landfall/state-file/damage';
import { type FileIdentity, identify } from '@landfall/state-file/file-identity';
import { openStateFile, type StateFile } from '@landfall/state-file/state-file';
import { GENERATIONS_TABLE } from '../database/identifiers.ts';
import { databaseLayout } from '../database/schema.ts';
import { openSnapshotReader } from '../database/snapshot-reader.ts';
import { ApiError } from '../errors/api-error.ts';
import type { OnDamage } from '../errors/database-damaged.ts';
import { openReadDispatch } from '../read-thread/dispatch.ts';
import { SCAN_LIMITS, type ScanLimits } from '../search/scan-limits.ts';

export interface ServedDatabaseOptions {
  /** A state file; created when there is none. */
  file: string;
  definition: Definition;
  /** Called with the reason when an existing file is discarded. */
  onDiscard: (why: string) => void;
  /** Called with the file whenever it is opened, before it is read. */
  prepare?: ((db: StateFile) => void) | undefined;
  /** How much one read may do. */
  scanLimits?: ScanLimits | undefined;
  /** Called with the reason when a read finds the file damaged. */
  onDamage?: OnDamage | undefined;
}

export type ServedDatabase = ReturnType<typeof openServedDatabase>;

/** The database file for reading. It can be replaced while the service runs. */
export function openServedDatabase({
  file,
  definition,
  onDiscard,
  prepare,
  scanLimits = SCAN_LIMITS,
  onDamage,
}: ServedDatabaseOptions) {
  let { fileIdentity, reader, reads } = open();
  let isSuspended = false;

  function open() {
    prepareFile();
    const reader = openSnapshotReader(file, onDamage);
    const fileIdentity = identify(file);
    return {
      fileIdentity,
      reader,
      reads: openReadDispatch({
        definition,
        databaseFile: file,
        fileIdentity,
        reader,
        scanLimits,
        onDamage,
      }),
    };
  }

  function prepareFile(): void {
    const db = openStateFile(file, databaseLayout(definition), onDiscard);
    try {
      prepare?.(db);
    } catch (error) {
      if (!isDamage(error)) throw error;
      onDamage?.(error.message);
    } finally {
      db.close();
    }
  }

  async function close(): Promise<void> {
    await reads.close();
    reader.close();
  }

  return {
    definition,
    scanLimits,
    /** Of the open file. */
    fileIdentity: (): FileIdentity => fileIdentity,
    /** Reads in this thread. */
    reader: () => reader,
    /** Reads in this thread or in the read thread. */
    reads: () => reads,

    /** Reads the manifests of the loaded generations, the newest first: none while the database is suspended or damaged. */
    readManifests(): Manifest[] {
      if (isSuspended) return [];
      try {
        const sql = `SELECT manifest FROM ${GENERATIONS_TABLE} ORDER BY generation DESC`;
        const rows = reader.withNewSnapshot(() => reader.rows<[string]>(sql));
        const manifests = rows.map(([manifest]) => parseManifest(Buffer.from(manifest)));
        const [newest] = manifests;
        if (newest) reads.setRowCount(newest.rows);
        return manifests;
      } catch (error) {
        if (error instanceof ManifestError) onDamage?.(error.message);
        else if (!(error instanceof ApiError && error.code === 'no_data_set')) throw error;
        return [];
      }
    },

    /** Hides the generations of a damaged file until `reopen`. */
    suspend(): void {
      isSuspended = true;
    },

    /** Opens the file again after `close`, or creates one. */
    reopen(): void {
      ({ fileIdentity, reader, reads } = open());
      isSuspended = false;
    },

    close,
  };
}
