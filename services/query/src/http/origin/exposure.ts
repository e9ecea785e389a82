import type { Logger } from '@landfall/process/logger';
import { isLoopbackAddress } from './host-names.ts';

/**
 * Logs one warning when other machines can reach a service that has no tokens.
 *
 * @param address where the service is reachable: the address that a container's port is published on, else the one it listens on
 */
export function warnWhenExposed(address: string, hasTokens: boolean, log: Pick<Logger, 'warn'>): void {
  if (hasTokens || isLoopbackAddress(address)) return;
  log.warn(
    { address },
    'without tokens, anybody who reaches this address can read all data, start runs and confirm mass removals: set API_TOKENS_FILE (a token: `landfall token NAME SCOPE`)',
  );
}
