import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { findProgram } from './server-process.ts';

/** Files in PEM format. */
export interface TestCertificates {
  /** Of the authority that signed the server's certificate, and of another one. */
  authority: string;
  otherAuthority: string;
  /** The certificate of a server on 127.0.0.1, and its key. */
  certificate: string;
  key: string;
}

/** Returns why a test cannot make certificates; undefined when it can. */
export function certificatesAreMissing(): string | undefined {
  return findProgram('openssl') ? undefined : 'no openssl (Debian: apt-get install openssl)';
}

/** Makes certificates that are valid for two days. */
export function makeCertificates(folder: string): TestCertificates {
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['authority', 'other']) {
    const out = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
    openssl('req', '-x509', ...newKey, ...out, '-subj', `/CN=${name} of a test`, '-days', '2');
  }
  const request = [
    '-keyout',
    file('server.key'),
    '-out',
    file('server.csr'),
    '-subj',
    '/CN=server of a test',
  ];
  openssl('req', ...newKey, ...request, '-addext', 'subjectAltName=IP:127.0.0.1');
  const signer = ['-CA', file('authority.pem'), '-CAkey', file('authority.key'), '-days', '2'];
  const signed = ['-in', file('server.csr'), '-out', file('server.pem'), '-copy_extensions', 'copy'];
  openssl('x509', '-req', ...signed, ...signer);
  return {
    authority: file('authority.pem'),
    otherAuthority: file('other.pem'),
    certificate: file('server.pem'),
    key: file('server.key'),
  };
}
