/**
 * Codes of OpenSSL for a certificate of an unknown authority.
 *
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const UNTRUSTED: ReadonlySet<unknown> = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Codes for a server that does not speak TLS. */
const NOT_TLS: ReadonlySet<unknown> = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
]);

/**
 * Explains a failed TLS handshake to the operator.
 *
 * @returns undefined for any other error
 */
export function certificateFault(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (UNTRUSTED.has(error.code)) {
    return `the server's certificate is not signed by an authority of CA_FILE, or without it, of Node.js: ${error.message}`;
  }
  if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `the server's certificate is for another host: ${error.message}`;
  if (NOT_TLS.has(error.code)) return "the server does not use TLS: check the URL's scheme";
  return undefined;
}
