import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import { effectivePlan } from '../domain/rollout/traffic-plan.js';
import type { GatewayContext } from './context.js';
import { healthSchema, readinessSchema } from './schemas.js';

/** `/healthz`, `/readyz`, `/metrics` and `/openapi.json`: for those who run the gateway, without an API key. */
export function addSystemRoutes({ app, context }: { app: FastifyInstance; context: GatewayContext }): void {
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const tags = ['operation'];

  typed.get(
    '/healthz',
    { schema: { tags, summary: 'Whether the process runs', response: { 200: healthSchema } } },
    () => ({ status: 'ok' as const }),
  );
  typed.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: 'Whether there is a plan to serve',
        response: { 200: readinessSchema, 503: readinessSchema },
      },
    },
    (_request, reply) => {
      const plans = describePlans(context);
      const ready = plans.length > 0;
      const reason = ready ? 'serving by the plans below' : 'no model has a traffic plan yet';
      void reply.status(ready ? 200 : 503);
      return { ready, reason, plans };
    },
  );
  app.get('/metrics', { schema: { tags, summary: 'Figures for Prometheus' } }, async (_request, reply) => {
    const { registry } = context.metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function describePlans({ plans, clock }: GatewayContext): z.infer<typeof readinessSchema>['plans'] {
  const now = clock();
  return plans.states().map(({ plan: written, confirmedAt }) => {
    const plan = effectivePlan({ plan: written, now: new Date(now).toISOString() });
    return {
      model: plan.model,
      revision: plan.revision,
      champion: plan.champion.releaseId,
      challenger: plan.challenger?.releaseId ?? null,
      challengerShare: plan.challengerShare,
      lapsed: plan.lapsed,
      ageMilliseconds: Math.max(0, now - confirmedAt),
    };
  });
}
