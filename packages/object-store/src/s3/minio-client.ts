import http from 'node:http';
import https from 'node:https';
import { certificateFault } from '@landfall/process/certificate-fault';
import { Client, S3Error } from 'minio';
import { StoreError } from '../object-store.ts';
import { S3_DEADLINES, withDeadline } from './requests/deadlines.ts';
import { S3Refusal, storeErrorCode } from './requests/errors.ts';

/** Address and credentials of an S3 server. */
export interface S3Access {
  /** A URL: scheme, host and port. */
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** The certificates of the authorities to trust at an https endpoint, PEM; default: those of Node.js. */
  ca?: string[] | undefined;
}

/**
 * Makes a call with the MinIO client under a deadline, since the client has none. Only for calls that `requests.ts`
 * does not have.
 *
 * @param what name of the call in errors
 * @throws StoreError and nothing else
 */
export async function callMinio<T>(
  { endpoint, accessKey, secretKey, ca }: S3Access,
  what: string,
  call: (client: Client) => Promise<T>,
  ms: number = S3_DEADLINES.callMs,
): Promise<T> {
  const url = new URL(endpoint);
  const useSSL = url.protocol === 'https:';
  const transportAgent = useSSL ? new https.Agent({ ca }) : new http.Agent();
  const client = new Client({
    endPoint: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || (useSSL ? 443 : 80)),
    useSSL,
    accessKey,
    secretKey,
    transportAgent,
  });
  const giveUp = () => transportAgent.destroy();
  try {
    return await withDeadline(() => call(client), { ms, what, giveUp });
  } catch (error) {
    throw error instanceof StoreError ? error : translated(error, what);
  } finally {
    giveUp();
  }
}

function translated(error: unknown, what: string): StoreError {
  const why = certificateFault(error) ?? (error instanceof Error ? error.message : String(error));
  if (!(error instanceof S3Error)) return new StoreError('unavailable', `${what}: ${why}`, { cause: error });
  // The client does not provide the status.
  const refusal = new S3Refusal(error.code === 'NoSuchBucket' ? 404 : 400, {
    code: error.code,
    message: why,
  });
  return new StoreError(storeErrorCode(refusal, 'bucket'), `${what}: ${why}`, { cause: error });
}
