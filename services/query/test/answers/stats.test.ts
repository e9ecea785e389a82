import type { User } from '@landfall/contracts/dataset/users';
import t from 'tap';
import { usersNamed } from '../support/_generation.ts';
import { naiveStats } from '../support/_naive.ts';
import { makeService, NOON } from '../support/_service.ts';

const DAY = 86_400_000;

/** Users of the ages 17, 17, 18, 30 and 40 on 2026-06-01. The first two turn 18 on the next day. */
const USERS: User[] = [
  Date.UTC(2008, 5, 2),
  Date.UTC(2008, 5, 2, 23),
  Date.UTC(2008, 5, 1, 23),
  Date.UTC(1996, 4, 1),
  Date.UTC(1986, 4, 1),
].map((birthts, i) => ({
  user_id: String(i),
  first_name: i < 2 ? 'Ann' : 'Ben',
  last_name: 'x',
  birthts,
  img_path: i % 2 ? 'src-data/x.png' : null,
}));

t.test('/stats summarizes the rows that match', async (t) => {
  const { ask, publish } = await makeService(t);
  await publish(1, USERS);
  for (const [query, expected] of [
    [
      '',
      {
        average_age: 24.4,
        count: 5,
        min_age: 17,
        max_age: 40,
        median_age: 18,
        with_image: 2,
        histogram: undefined,
      },
    ],
    ['?min_age=18&max_age=30', { average_age: 24, count: 2, median_age: 24, with_image: 1 }],
    ['?is_image_exists=false', { count: 3, min_age: 17, max_age: 40, median_age: 18, with_image: 0 }],
    ['?born_after=1996-05-01&first_name=B*', { count: 1, average_age: 18 }],
    ['?user_id=0&user_id=4', { count: 2, average_age: 28.5, median_age: 28.5 }],
    [
      '?min_age=100',
      { average_age: null, count: 0, min_age: null, max_age: null, median_age: null, with_image: 0 },
    ],
  ] as const) {
    const { json, status } = await ask(`/stats${query}`);
    t.match({ status, json }, { status: 200, json: expected }, query);
  }
  t.match((await ask('/stats?histogram=true')).json, {
    histogram: [
      { age: 17, count: 2 },
      { age: 18, count: 1 },
      { age: 30, count: 1 },
      { age: 40, count: 1 },
    ],
  });
});

t.test('statistics change at midnight UTC without a reload', async (t) => {
  const { ask, publish, time } = await makeService(t);
  await publish(1, USERS);
  for (const now of [NOON, NOON + DAY / 2 - 1, NOON + DAY / 2, NOON + DAY, NOON + 400 * DAY]) {
    time.now = now;
    for (const first_name of [undefined, 'Ann']) {
      const { json } = await ask(`/stats?histogram=true${first_name ? `&first_name=${first_name}` : ''}`);
      const matching = USERS.filter((user) => first_name === undefined || user.first_name === first_name);
      t.same(json, naiveStats(matching, now), `${new Date(now).toISOString()}, ${first_name ?? 'all'}`);
    }
  }
});

t.test('statistics of any kept generation, with births in the future and in the distant past', async (t) => {
  const { ask, publish, time } = await makeService(t);
  const births = [
    NOON + 3 * DAY,
    NOON - DAY,
    Date.UTC(1800, 1, 29),
    -62_135_596_800_000,
    -62_000_000_000_000,
  ];
  const odd = usersNamed('x', 5).map((user, i) => ({ ...user, birthts: births[i] ?? 0 }));
  await publish(1, odd.slice(1));
  await publish(2, odd);
  await publish(3, []);
  t.match((await ask('/stats?generation=2')).json, { count: 5, min_age: -1, max_age: 2025 });
  t.match((await ask('/stats?generation=2&histogram=true')).json, {
    histogram: [-1, 0, 226, 2021, 2025].map((age) => ({ age, count: 1 })),
  });
  t.match((await ask('/stats?generation=1')).json, { count: 4, min_age: 0 });
  t.match((await ask('/stats')).json, { count: 0 });
  time.now += 3 * DAY;
  t.match((await ask('/stats?generation=2')).json, { min_age: 0 });
});
