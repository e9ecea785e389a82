import type { Value } from '@landfall/contracts/dataset/row';
import { compareBytes } from '@landfall/contracts/text/byte-order';
import type { Term } from './filter.ts';

/** Whether a stored value meets a term, as SQL evaluates it: a missing value only meets `IS` null. */
export function matchesTerm(value: Value, [operator, wanted]: Term): boolean {
  if (operator === 'IS') return value === wanted;
  if (value === null || wanted === null) return false;
  if (operator === 'IN') return (JSON.parse(String(wanted)) as Value[]).includes(value);
  const order =
    typeof value === 'number' ? value - Number(wanted) : compareBytes(String(value), String(wanted));
  switch (operator) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}
