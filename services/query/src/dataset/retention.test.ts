import t from 'tap';
import { makeGeneration } from '../../test/support/_generation.ts';
import { type GenerationUse, oldestRetained } from './retention.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 5, 1, 12);

/** Generations that were published these numbers of minutes ago, the newest first. */
const kept = (...minutesAgo: number[]) =>
  minutesAgo.map((minutes, i) => ({
    ...makeGeneration(minutesAgo.length - i, []).manifest,
    created_at: new Date(NOW - minutes * MINUTE).toISOString(),
  }));
/** The use of generations, without a limit. */
const pinned = (
  useOf: (generation: number) => GenerationUse | undefined,
  max = 1_000,
  maxForOneClient = max,
) => ({
  ...{ useOf, max, maxForOneClient },
});
const unused = pinned(() => undefined);
/** The oldest generation that stays. */
const oldestOf = (...given: Parameters<typeof oldestRetained>) => oldestRetained(...given).oldest;

t.test('the oldest generation that is retained', async (t) => {
  for (const [what, generations, keep, oldest] of [
    ['no generation is loaded', kept(), 2, 0],
    ['the newest `keep` generations stay, however old they are', kept(500, 600, 700, 800), 2, 3],
    ['all stay when there are no more than `keep`', kept(500, 600), 2, 1],
    ['generations younger than 15 minutes stay', kept(1, 5, 14.9, 15, 20), 1, 3],
    ['a generation of 15 minutes goes', kept(1, 15), 1, 2],
  ] as const) {
    t.equal(oldestOf(generations, keep, unused, NOW), oldest, what);
  }
});

t.test('a generation in use stays for five more minutes, and those after it', async (t) => {
  const generations = kept(1, 16, 20, 30);
  const usedAt = (generation: number, minutesAgo: number) =>
    pinned((wanted) =>
      wanted === generation ? { clients: 1, lastUsed: NOW - minutesAgo * MINUTE } : undefined,
    );
  t.equal(oldestOf(generations, 1, usedAt(2, 4.9), NOW), 2);
  t.equal(oldestOf(generations, 1, usedAt(2, 5), NOW), 4);
  t.equal(oldestOf(generations, 1, usedAt(1, 1), NOW), 1);
});

t.test('use keeps a generation for an hour at most', async (t) => {
  const used = pinned(() => ({ clients: 1, lastUsed: NOW - 1 }));
  t.equal(
    oldestOf(kept(1, 74), 1, used, NOW),
    1,
    'it expired a minute ago, when its successor was published',
  );
  t.equal(oldestOf(kept(59.9, 500), 1, used, NOW), 1);
  t.equal(oldestOf(kept(60, 500), 1, used, NOW), 2);
  t.equal(oldestOf(kept(70, 74.9), 1, used, NOW), 1, 'within an hour after it was 15 minutes old');
  t.equal(oldestOf(kept(70, 75), 1, used, NOW), 2);
});

t.test('use keeps a limited number of generations beyond their retention', async (t) => {
  const generations = kept(1, 16, 17, 18, 19, 20);
  const usedBy = (clients: number) => () => ({ clients, lastUsed: NOW - 1 });
  for (const [what, clients, max, maxForOne, oldest, limit] of [
    ['below both limits', 1, 5, 5, 1, undefined],
    ['of one client alone', 1, 5, 2, 4, 'pinned_generations_per_client'],
    ['several clients may have more', 2, 5, 2, 1, undefined],
    ['in all', 2, 3, 2, 3, 'pinned_generations'],
    ['none', 2, 0, 0, 6, 'pinned_generations'],
  ] as const) {
    t.same(
      oldestRetained(generations, 1, pinned(usedBy(clients), max, maxForOne), NOW),
      { oldest, limit },
      what,
    );
  }
});
