import { type ObjectVersion, type OpenedObject, otherVersion, type VersionRange } from '../object-store.ts';
import { asObjectStream } from './requests/read-body.ts';
import type { S3Answer, S3Request, S3Requests } from './requests/requests.ts';
import { isServerEtag, versionOf, versionOfRange } from './requests/version.ts';

/**
 * Opens an object, or a range of one version of it. The condition `If-Match` saves the transfer of another version; the ETag of
 * the answer is checked all the same, because some servers ignore conditions of a GET.
 *
 * @throws StoreError
 */
export function openObject(
  send: S3Requests['send'],
  bucket: string,
  key: string,
  range: VersionRange | undefined,
): Promise<OpenedObject> {
  const name = `${bucket}/${key}`;
  return send(requestFor(bucket, key, range), async (answer) => {
    const { body } = answer;
    // The caller handles the body's errors. A body destroyed unread would raise an unhandled one.
    body.on('error', () => undefined);
    try {
      return { ...checkVersion(answer, name, range), body: asObjectStream(body, name) };
    } catch (error) {
      body.destroy();
      throw error;
    }
  });
}

function requestFor(bucket: string, key: string, range: VersionRange | undefined): S3Request {
  const request = { method: 'GET', bucket, key } as const;
  if (!range) return { ...request, purpose: 'read' };
  const bytes = { range: `bytes=${range.first}-${range.last}` };
  const headers = isServerEtag(range.etag) ? { ...bytes, 'if-match': `"${range.etag}"` } : bytes;
  return { ...request, headers, purpose: 'read-range' };
}

/** @throws StoreError precondition_failed, unavailable */
function checkVersion(answer: S3Answer, name: string, range: VersionRange | undefined): ObjectVersion {
  if (!range) return versionOf(answer, name);
  const version = versionOfRange(answer, name, range);
  if (version.etag !== range.etag) throw otherVersion(name);
  return version;
}
