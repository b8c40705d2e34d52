import { setTimeout as wait } from 'node:timers/promises';
import type { DescribeEndpointOutput } from '@aws-sdk/client-sagemaker';
import { PortError } from '../../activities/ports.js';
import type { TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import type { TrafficSplit } from '../followed-router.js';
import { endpointName, variantName } from './endpoint-plan.js';
import type { Endpoints } from './endpoints.js';

const tolerance = 1e-6;

/**
 * Splits by weights of an endpoint's variants, for those that ask the endpoint itself and name no variant. SageMaker
 * takes a minute to change them and copies no requests: mirrors are the gateway's.
 */
export class VariantSplit implements TrafficSplit {
  readonly #endpoints: Endpoints;
  readonly #changeMilliseconds: number;
  readonly #lookMilliseconds: number;

  constructor({
    endpoints,
    changeMilliseconds = 300_000,
    lookMilliseconds = 5_000,
  }: {
    endpoints: Endpoints;
    /** How long SageMaker may take to change weights. */
    changeMilliseconds?: number;
    lookMilliseconds?: number;
  }) {
    this.#endpoints = endpoints;
    this.#changeMilliseconds = changeMilliseconds;
    this.#lookMilliseconds = lookMilliseconds;
  }

  async show({ plan }: { plan: TrafficPlan }): Promise<void> {
    const endpoint = endpointName(plan.model);
    const until = Date.now() + this.#changeMilliseconds;
    const found = await this.#settled({ endpoint, until });
    const weights = weightsOf({ plan, found });
    if (holds({ found, weights })) return;
    await this.#endpoints.weigh({ endpoint, weights });
    const after = await this.#settled({ endpoint, until });
    if (!holds({ found: after, weights }))
      throw new PortError('Conflict', `endpoint ${endpoint}: has other weights than those that were set`);
  }

  async #settled({ endpoint, until }: { endpoint: string; until: number }): Promise<DescribeEndpointOutput> {
    for (;;) {
      const found = await this.#endpoints.find(endpoint);
      if (found === null) throw new PortError('NotFound', `endpoint ${endpoint}: is gone`);
      if (found.EndpointStatus === 'InService') return found;
      if (found.EndpointStatus === 'Failed' || Date.now() > until)
        throw new PortError(
          'Unavailable',
          `endpoint ${endpoint}: is ${found.EndpointStatus}${found.FailureReason ? `, ${found.FailureReason}` : ''}`,
        );
      await wait(this.#lookMilliseconds);
    }
  }
}

/** The weight of each variant that there is. Rejects where a release of the plan has none. */
function weightsOf({
  plan: { model, champion, challenger, challengerShare, holdback },
  found,
}: {
  plan: TrafficPlan;
  found: DescribeEndpointOutput;
}): Map<string, number> {
  const share = challenger === null ? 0 : Math.min(challengerShare, 1 - holdback);
  const weights = new Map((found.ProductionVariants ?? []).map(({ VariantName }) => [VariantName ?? '', 0]));
  const wanted: [string, number][] = [[champion.releaseId, 1 - share]];
  if (challenger !== null && share > 0) wanted.push([challenger.releaseId, share]);
  for (const [releaseId, weight] of wanted) {
    const name = variantName(releaseId);
    if (!weights.has(name))
      throw new PortError(
        'InvalidInput',
        `traffic plan of ${model}: ${releaseId} has no variant on ${found.EndpointName}`,
      );
    weights.set(name, weight);
  }
  return weights;
}

const holds = ({ found, weights }: { found: DescribeEndpointOutput; weights: ReadonlyMap<string, number> }): boolean =>
  (found.ProductionVariants ?? []).every(
    ({ VariantName, CurrentWeight }) =>
      Math.abs((CurrentWeight ?? 0) - (weights.get(VariantName ?? '') ?? 0)) < tolerance,
  );
