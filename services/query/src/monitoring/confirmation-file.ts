import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '@landfall/process/logger';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

const Confirmation = Type.Object({
  generation: Type.Integer({ minimum: 1 }),
  version: Type.String(),
  /** When the run began that compared the whole source bucket with this generation, ms since 1970 UTC. */
  at: Type.Integer(),
});
export type Confirmation = Static<typeof Confirmation>;
const isConfirmation = Compile(Confirmation);

export type ConfirmationFile = ReturnType<typeof openConfirmationFile>;

/**
 * Keeps the last confirmation of the served data over a restart: without it, data that nobody has compared with the bucket for hours would
 * count as new. A missing or damaged file means that none is known.
 */
export function openConfirmationFile(stateDir: string, log: Logger) {
  const file = path.join(stateDir, 'confirmed.json');
  return {
    read(): Confirmation | undefined {
      try {
        const value: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
        return isConfirmation.Check(value) ? value : undefined;
      } catch {
        return undefined;
      }
    },
    write(confirmation: Confirmation): void {
      try {
        fs.writeFileSync(`${file}.new`, JSON.stringify(confirmation));
        fs.renameSync(`${file}.new`, file);
      } catch (err) {
        log.warn({ err }, 'the time of the last full run could not be stored');
      }
    },
  };
}
