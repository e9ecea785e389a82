import { ManifestError } from '@landfall/contracts/dataset/manifest';
import { StoreError } from '@landfall/object-store/object-store';
import { LoadError } from '../load/loader.ts';
import { PublishedObjectError } from './download.ts';

const STORE_FAULTS: Partial<Record<StoreError['code'], string>> = {
  not_found: 'an object that the manifest names is missing',
  bucket_not_found: 'the processed bucket is missing',
  access_denied: 'the object store refuses access',
};

/** Describes for `/status` why a load failed, without paths and without the texts of libraries. */
export function describeLoadFault(error: unknown): string {
  if (error instanceof ManifestError || error instanceof PublishedObjectError) return error.message;
  if (error instanceof StoreError) {
    return STORE_FAULTS[error.code] ?? 'the object store does not answer as it should';
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:ENOSPC|EDQUOT|SQLITE_FULL)/.test(code)) return 'the disk of the query service is full';
  if (/^(?:E[A-Z]+|SQLITE_\w+)$/.test(code)) return `the state folder can’t be written (${code})`;
  if (error instanceof LoadError) return error.message;
  return 'the reason is in the log of the query service';
}
