import { createHash } from 'node:crypto';
import type { Definition } from '@landfall/contracts/dataset/definition';
import { DATA_PACKAGE_KEY } from '@landfall/contracts/dataset/manifest';
import { dataPackageText } from '@landfall/contracts/definition/data-package';
import { oncePer } from '@landfall/contracts/once-per';
import type { ProcessedListing } from '../processed/list-processed.ts';
import { hasSha256 } from '../processed/verified-read.ts';
import type { Destination } from './upload-data-set.ts';

interface PackageFile {
  bytes: Uint8Array;
  sha256: string;
}

/**
 * Puts datapackage.json, unless the bucket has it with these bytes. It follows from the definition, so it is written at the first
 * publication, after a change of the definition, and when something else has removed or replaced it.
 *
 * @param listing the processed bucket
 * @returns the number of written objects: 0 or 1
 * @throws StoreError if the store cannot be read or written
 */
export async function putDataPackage(
  { store, bucket }: Destination,
  definition: Definition,
  listing: ProcessedListing,
): Promise<number> {
  const { bytes, sha256 } = packageFile(definition);
  const isSameSize = listing.get(DATA_PACKAGE_KEY)?.size === bytes.length;
  if (isSameSize && (await hasSha256(store, bucket, DATA_PACKAGE_KEY, sha256))) return 0;
  await store.put(bucket, DATA_PACKAGE_KEY, bytes);
  return 1;
}

const packageFile = oncePer((definition: Definition): PackageFile => {
  const bytes = Buffer.from(dataPackageText(definition));
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
});
