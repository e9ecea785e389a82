import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { USERS } from '@landfall/contracts/dataset/users';
import fastify from 'fastify';
import t from 'tap';
import { generationRoutes } from '../../src/http/routes/generations.ts';
import { makeGeneration } from '../support/_generation.ts';

t.test('/generations lists at most the 1,000 newest generations', async (t) => {
  const { manifest } = makeGeneration(1, []);
  const all = Array.from({ length: 5_000 }, (_, i) => ({ ...manifest, generation: 5_000 - i }));
  const app = fastify().withTypeProvider<TypeBoxTypeProvider>();
  t.teardown(() => app.close());
  const context = { definition: USERS, dataSet: { generations: { all: () => all } } };
  generationRoutes(app, Object.assign(Object.create(null), context));
  const listed: { generation: number }[] = (await app.inject('/generations')).json();
  t.equal(listed.length, 1_000);
  t.equal(listed[0]?.generation, 5_000);
});
