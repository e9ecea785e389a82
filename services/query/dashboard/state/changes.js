/** @import { Change } from '../api.js' */

/** A changed row, and when the page received the change, ms since 1970 UTC. */
/** @typedef {{ change: Change, at: number }} Seen */

/** Maximum number of changes to list. */
const LISTED = 6;

/** The latest changes first, each row once. @type {(before: readonly Seen[], now: readonly Change[], at: number) => Seen[]} */
export function withChanges(before, now, at) {
  const ids = new Set(now.map(({ id }) => id));
  const others = before.filter(({ change }) => !ids.has(change.id));
  const seen = now.slice(-LISTED).reverse();
  return [...seen.map((change) => ({ change, at })), ...others].slice(0, LISTED);
}

/** The changes as text for screen readers. @type {(title: string, changes: readonly Change[], more: boolean) => string} */
export function describe(title, changes, more) {
  if (more) return `More than ${changes.length} rows changed.`;
  const parts = /** @type {const} */ (['added', 'updated', 'removed']).flatMap((kind) => {
    const count = changes.filter(({ change }) => change === kind).length;
    return count === 0 ? [] : [`${count} ${kind}`];
  });
  return parts.length === 0 ? '' : `${title}: ${parts.join(', ')}.`;
}
