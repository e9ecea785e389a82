import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import { SettingsError } from './settings.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/**
 * Reads the certificates of CA_FILE.
 *
 * @param file in PEM format
 * @returns the certificates, each in PEM format; undefined without a file
 * @throws SettingsError when the file cannot be read, or has no certificate or an invalid one
 */
export function readCaFile(file: string | undefined): string[] | undefined {
  if (file === undefined) return undefined;
  const fail = (why: string, cause?: unknown) =>
    Object.assign(new SettingsError([`CA_FILE is ${JSON.stringify(file)}, which ${why}`]), { cause });
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw fail(`can't be read: ${error instanceof Error ? error.message : error}`, error);
  }
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0)
    throw fail("has no certificate in PEM format ('-----BEGIN CERTIFICATE-----')");
  for (const [i, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      throw fail(`has an invalid certificate: number ${i + 1} of ${certificates.length}`, error);
    }
  }
  return certificates;
}
