/** @import { State } from '../../state/state.js' */
import { withArticle, wordsOf } from '../../fields/words.js';
import { countOfNoun, number, percent, UNKNOWN } from '../../format.js';
import { averageText, countedOf, medianText, numberIn, statisticOf } from '../../state/figures.js';

/** Shares to name at most. */
const MAX_SHARES = 3;

/** The matching rows in words. @param {State} state */
export function matching({ matching: found, all, dataset, view }) {
  if (!found || !all) return UNKNOWN;
  const total = countOfNoun(all.count, dataset.one, dataset.many);
  const who = found.count === all.count ? total : `${number(found.count)} of ${total}`;
  if (found.count === 0) return who;
  const statistic = statisticOf(dataset, view);
  const shares = countedOf(dataset)
    .slice(0, MAX_SHARES)
    .map((name) => {
      const share = percent(numberIn(found, `with_${name}`) ?? undefined, found.count);
      return `${share} with ${withArticle(wordsOf(name))}`;
    });
  if (!statistic) return [who, ...shares].join(' · ');
  const { name, unit } = statistic;
  const average = averageText(statistic, numberIn(found, `average_${name}`));
  const median = medianText(statistic, numberIn(found, `median_${name}`));
  return [who, `average ${wordsOf(name)} ${average}, median ${median}${unit}`, ...shares].join(' · ');
}
