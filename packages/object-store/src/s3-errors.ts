import { XMLParser } from 'fast-xml-parser';
import { StoreError, type StoreErrorCode } from './object-store.ts';

const parser = new XMLParser({ parseTagValue: false });

/** S3's error codes in this port's terms; whatever is not known may pass, so it is `unavailable`. */
export function storeErrorCode(s3Code: string): StoreErrorCode {
  switch (s3Code) {
    case 'NoSuchKey':
    case 'NotFound':
      return 'not_found';
    case 'NoSuchBucket':
      return 'bucket_not_found';
    case 'KeyTooLongError':
    case 'XMinioInvalidObjectName':
      return 'invalid_key';
    case 'AccessDenied':
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return 'access_denied';
    default:
      return 'unavailable';
  }
}

/**
 * The error that an answer stands for.
 *
 * @param body XML, as S3's errors are; empty after a HEAD
 */
export function errorOfAnswer(status: number, body: string, what: string): StoreError {
  const { code, message } = readError(body);
  const fallback = status === 404 ? 'NoSuchKey' : status === 403 ? 'AccessDenied' : `status ${status}`;
  return new StoreError(storeErrorCode(code ?? fallback), `${what}: ${message ?? code ?? fallback}`);
}

function readError(body: string): { code?: string; message?: string } {
  try {
    const parsed: { Error?: { Code?: string; Message?: string } } = parser.parse(body);
    const { Code: code, Message: message } = parsed.Error ?? {};
    return { ...(code ? { code } : {}), ...(message ? { message } : {}) };
  } catch {
    return {}; // A proxy's own page, say.
  }
}
