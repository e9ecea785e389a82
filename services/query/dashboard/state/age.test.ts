import { ageInYears as agreed } from '@landfall/contracts/dataset/age';
import fc from 'fast-check';
import t from 'tap';
import { ageInYears } from './age.js';

t.test('the page counts ages as the service does', async () => {
  const instant = fc.oneof(
    fc.integer({ min: -62_135_596_800_000, max: 4_102_444_800_000 }),
    fc.constantFrom(Date.UTC(2000, 1, 29), Date.UTC(2018, 1, 28), Date.UTC(2018, 2, 1), 0),
  );
  fc.assert(fc.property(instant, instant, (birth, now) => ageInYears(birth, now) === agreed(birth, now)));
});
