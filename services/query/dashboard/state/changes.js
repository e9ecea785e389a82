/** @import { Change } from '../../src/http/response/change-schema.ts' */

/** Somebody who has changed, and when the page heard of it, ms since 1970 UTC. */
/** @typedef {{ change: Change, at: number }} Seen */

/** So many are listed. */
const LISTED = 6;

/** Those who changed last, the latest first, each once. @type {(before: readonly Seen[], now: readonly Change[], at: number) => Seen[]} */
export function withChanges(before, now, at) {
  const ids = new Set(now.map(({ user_id }) => user_id));
  const others = before.filter(({ change }) => !ids.has(change.user_id));
  const seen = now.slice(-LISTED).reverse();
  return [...seen.map((change) => ({ change, at })), ...others].slice(0, LISTED);
}

/** What changed, in words, for whoever listens to the page. @type {(changes: readonly Change[], more: boolean) => string} */
export function inWords(changes, more) {
  if (more) return `More than ${changes.length} users have changed.`;
  const parts = /** @type {const} */ (['added', 'updated', 'removed']).flatMap((kind) => {
    const count = changes.filter(({ change }) => change === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return parts.length === 0 ? '' : `Users: ${parts.join(', ')}.`;
}
