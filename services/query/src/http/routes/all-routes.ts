import type { ApiContext } from '../context.ts';
import type { Scope } from '../fastify-scope.ts';
import { changeRoutes } from './changes.ts';
import { companionRoutes } from './companion.ts';
import { dashboardRoutes } from './dashboard.ts';
import { dataRoutes } from './data.ts';
import { definitionRoutes } from './definition.ts';
import { eventRoutes } from './events.ts';
import { generationRoutes } from './generations.ts';
import { healthRoutes, metricsRoutes, statusRoutes } from './health.ts';
import { rejectRoutes } from './rejects.ts';
import { rowRoutes } from './row.ts';
import { runRoutes } from './runs.ts';
import { startRunRoutes } from './start-run.ts';
import { statsRoutes } from './stats.ts';

/** The routes in the order of the OpenAPI document. */
export const ROUTES: readonly ((app: Scope, context: ApiContext) => void)[] = [
  dataRoutes,
  rowRoutes,
  companionRoutes,
  statsRoutes,
  definitionRoutes,
  generationRoutes,
  changeRoutes,
  startRunRoutes,
  runRoutes,
  rejectRoutes,
  eventRoutes,
  healthRoutes,
  statusRoutes,
  metricsRoutes,
  dashboardRoutes,
];
