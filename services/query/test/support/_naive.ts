import { naiveAge } from '@landfall/contracts/dataset/_naive-age';
import type { User } from '@landfall/contracts/dataset/users';

/** Filter and sort parameters of the API. */
export interface QueryParameters {
  is_image_exists?: boolean;
  min_age?: number;
  max_age?: number;
  born_after?: string;
  born_before?: string;
  user_id?: string[];
  first_name?: string;
  last_name?: string;
  sort?: string;
}

/** The users that match, found by testing each user against every restriction that the README lists. */
export function naiveUsers(users: readonly User[], parameters: QueryParameters, now: number): User[] {
  const matching = users.filter((user) => {
    const age = naiveAge(user.birthts, now);
    const day = new Date(user.birthts).toISOString().slice(0, 10);
    return (
      (parameters.is_image_exists === undefined || (user.img_path !== null) === parameters.is_image_exists) &&
      (parameters.min_age === undefined || age >= parameters.min_age) &&
      (parameters.max_age === undefined || age <= parameters.max_age) &&
      (parameters.born_after === undefined || day > parameters.born_after) &&
      (parameters.born_before === undefined || day < parameters.born_before) &&
      (parameters.user_id === undefined || parameters.user_id.includes(user.user_id)) &&
      isNamed(user.first_name, parameters.first_name) &&
      isNamed(user.last_name, parameters.last_name)
    );
  });
  const [, minus = '', field = 'user_id'] = /^(-?)(.*)$/.exec(parameters.sort ?? 'user_id') ?? [];
  const by = (user: User) => Object.entries(user).find(([name]) => name === field)?.[1];
  return matching.sort((a, b) => {
    const order = compare(by(a), by(b));
    return (minus ? -order : order) || compare(a.user_id, b.user_id);
  });
}

function isNamed(name: string, asked: string | undefined): boolean {
  if (asked === undefined) return true;
  return asked.endsWith('*') ? name.startsWith(asked.slice(0, -1)) : name === asked;
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Buffer.compare(Buffer.from(String(a ?? '')), Buffer.from(String(b ?? '')));
}

/** The statistics of users, from their sorted ages. */
export function naiveStats(users: readonly User[], now: number) {
  const ages = users.map(({ birthts }) => naiveAge(birthts, now)).sort((a, b) => a - b);
  const withImage = users.filter(({ img_path: image }) => image !== null);
  const [low, high] = [ages[(ages.length - 1) >> 1] ?? Number.NaN, ages[ages.length >> 1] ?? Number.NaN];
  return {
    average_age: ages.length === 0 ? null : ages.reduce((sum, age) => sum + age, 0) / ages.length,
    count: ages.length,
    min_age: ages[0] ?? null,
    max_age: ages.at(-1) ?? null,
    median_age: ages.length === 0 ? null : (low + high) / 2,
    with_image: withImage.length,
    histogram: [...new Set(ages)].map((age) => ({
      age,
      count: ages.filter((each) => each === age).length,
      with_image: withImage.filter(({ birthts }) => naiveAge(birthts, now) === age).length,
    })),
  };
}
